import { ActionIcon, Button, Popover } from '@mantine/core';
import { IconCheck, IconExternalLink, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useRouterState } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import type { Site } from '../../main/contract/sites.ts';
import { useApi } from '../frame/api.tsx';
import { usePreferences } from '../frame/preferences.tsx';
import { toast } from '../frame/toasts.tsx';
import { personName } from '../parts/format.ts';
import classes from './first-steps.module.css';
import { nextStep, type StepId, steps, stepsDone } from './steps.ts';

/** A site with more people than this is past its first steps, however it came to them. */
const fewPeople = 20;

/** The landing page as this browser reaches it; null where it is not served, or only on another machine. */
function useLandingPage(site: Site): string | null {
  const api = useApi();
  const system = useQuery(api.system.get.queryOptions());
  if (!system.data?.landing) return null;
  const { publicListener, publicUrl } = system.data;
  const isHere = location.protocol === 'app:' || /^(localhost|127\.[\d.]+|\[::1\])$/.test(location.hostname);
  return `${isHere ? publicListener : publicUrl}/?site=${encodeURIComponent(site.key)}`;
}

/** The page that asks, to be opened in the browser that is to be subscribed. */
function OpenPage({ landing, site, again }: { landing: string | null; site: Site; again: boolean }) {
  if (landing === null)
    return (
      <Button renderRoot={(props) => <Link {...props} to="/sites/$site/setup" params={{ site: site.id }} />}>
        Put it on your site
      </Button>
    );
  return (
    <Button
      component="a"
      href={landing}
      target="_blank"
      rel="noreferrer"
      variant={again ? 'default' : 'filled'}
      rightSection={<IconExternalLink size={15} stroke={1.5} />}
    >
      {again ? 'Open it again' : 'Open the landing page'}
    </Button>
  );
}

/** What to do now, in a sentence, and the one click that leads there. */
function Now({ step, site }: { step: StepId; site: Site }): ReactNode {
  const api = useApi();
  const landing = useLandingPage(site);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const people = useQuery(
    api.subscribers.list.queryOptions({
      input: { site: site.id, limit: 1 },
      enabled: step === 'accepted',
    }),
  );
  const sent = useQuery(
    api.campaigns.list.queryOptions({
      input: { site: site.id, limit: 1 },
      enabled: step === 'shown' || step === 'clicked',
    }),
  );
  const [newest] = people.data?.items ?? [];
  // whoever is the only one on a new site is the operator; of several nobody knows
  const { active, foreign } = site.subscribers;
  const alone = active + foreign === 1;
  const [campaign] = sent.data?.items ?? [];
  const params = { site: site.id };
  const look = campaign && !path.includes(campaign.id) && (
    <Button
      variant="default"
      renderRoot={(props) => (
        <Link
          {...props}
          to="/sites/$site/campaigns/$campaign"
          params={{ ...params, campaign: campaign.id }}
        />
      )}
    >
      See its numbers
    </Button>
  );
  switch (step) {
    case 'opened':
      return (
        <>
          <span>
            {landing === null
              ? 'Put two small pieces on your site, then open it in your browser.'
              : 'Open Belfry’s own landing page in your browser: it asks as your site will.'}
          </span>
          <OpenPage landing={landing} site={site} again={false} />
        </>
      );
    case 'person':
      return (
        <>
          <span>A browser has opened the page. Press “Subscribe” there, and allow notifications.</span>
          <OpenPage landing={landing} site={site} again />
        </>
      );
    case 'accepted':
      if (path.endsWith('/compose'))
        return (
          <span>
            {alone
              ? 'Write a title, then send it. It goes to you alone.'
              : 'Write a title, look whom it goes to, then send it.'}
          </span>
        );
      return (
        <>
          <span>
            {alone
              ? 'You are subscribed. Send yourself a first message.'
              : !newest
                ? 'Send a first message.'
                : `“${personName(newest)}” is the newest to have subscribed. If that is your browser, send it a first message.`}
          </span>
          <Button
            renderRoot={(props) => (
              <Link
                {...props}
                to="/sites/$site/compose"
                params={params}
                search={newest ? { to: newest.id } : {}}
              />
            )}
          >
            {alone ? 'Write to yourself' : newest ? 'Write to this one' : 'Write a message'}
          </Button>
        </>
      );
    case 'shown':
      return (
        <>
          <span>
            The push service has taken it. It appears on your screen in a moment, also when the page is
            closed. If not, look whether the system or the browser keeps notifications quiet.
          </span>
          {look}
        </>
      );
    case 'clicked':
      return (
        <>
          <span>It was shown. Click the notification, and the number of clicks becomes 1.</span>
          {look}
        </>
      );
  }
}

/**
 * Leads from a new site to a first notification on one's own browser: one line above every screen, with the one next
 * thing to do. Where one stands follows from what really happened, so that it can be left and taken up again.
 */
export function FirstStepsBar({ site }: { site: Site }) {
  const api = useApi();
  const { preferences, change } = usePreferences();
  const { active, foreign, expired, unsubscribed } = site.subscribers;
  const grown = active + foreign + expired + unsubscribed > fewPeople;
  const put = preferences.stepsHidden.includes(site.id);
  const [led, setLed] = useState(false);
  const { data } = useQuery(
    api.sites.firstSteps.queryOptions({ input: { id: site.id }, enabled: !put && !grown && !site.practice }),
  );
  const next = data ? nextStep(data) : undefined;
  useEffect(() => {
    if (next) setLed(true);
  }, [next]);
  // who comes to a site that has all this behind it is not told so
  if (put || grown || site.practice || !data || next === undefined || (next === null && !led)) return null;
  const done = stepsDone(data);
  const hide = () => {
    change({ stepsHidden: [...preferences.stepsHidden, site.id] });
    if (next !== null)
      toast('The first steps are put away. Search for “first steps” to have them back.', {
        undo: () => change({ stepsHidden: preferences.stepsHidden.filter((id) => id !== site.id) }),
      });
  };
  return (
    <aside className={classes['bar']} aria-label="First steps">
      <Popover width={280} position="bottom-start" trapFocus={false} returnFocus>
        <Popover.Target>
          <button
            type="button"
            className={classes['where']}
            aria-label={`First steps: ${done} of ${steps.length} done`}
          >
            <span className={classes['dots']} aria-hidden="true">
              {steps.map(({ id }, index) => (
                <i key={id} data-done={index < done || undefined} data-now={id === next || undefined} />
              ))}
            </span>
            <span className="tabular">
              {done} of {steps.length}
            </span>
          </button>
        </Popover.Target>
        <Popover.Dropdown>
          <ol className={classes['list']}>
            {steps.map(({ id, name }, index) => (
              <li key={id} data-now={id === next || undefined}>
                {index < done ? (
                  <IconCheck size={15} stroke={2} aria-label="Done" />
                ) : (
                  <span>{index + 1}</span>
                )}
                {name}
              </li>
            ))}
          </ol>
        </Popover.Dropdown>
      </Popover>
      <div className={classes['now']} role="status">
        {next === null ? (
          <span>
            That was the whole way: sent, shown and clicked. Next, put the two pieces on your own site.
          </span>
        ) : (
          <Now step={next} site={site} />
        )}
        {next === null && (
          <Button
            variant="default"
            renderRoot={(props) => <Link {...props} to="/sites/$site/setup" params={{ site: site.id }} />}
          >
            Set up your site
          </Button>
        )}
      </div>
      <ActionIcon
        aria-label={next === null ? 'Close the first steps' : 'Put the first steps away'}
        onClick={hide}
      >
        <IconX size={15} stroke={1.5} />
      </ActionIcon>
    </aside>
  );
}
