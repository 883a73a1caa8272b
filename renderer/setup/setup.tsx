import { Button } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useApi } from '../frame/api.tsx';
import { Screen } from '../frame/screen.tsx';
import { useSite } from '../frame/site.tsx';
import { CopyLine } from '../parts/code-block.tsx';
import { people } from '../parts/format.ts';
import { ErrorState, Skeleton } from '../parts/states.tsx';
import { Guide } from './guide.tsx';
import classes from './setup.module.css';
import { SiteCheck } from './site-check.tsx';

function Step({ number, title, children }: { number: number; title: string; children: ReactNode }) {
  return (
    <li className={classes['step']}>
      <span className={classes['number']} aria-hidden="true">
        {number}
      </span>
      <div className={classes['stepBody']}>
        <h2>{title}</h2>
        {children}
      </div>
    </li>
  );
}

/** What a site's developer needs, in the order of doing it. */
export function Setup(): ReactNode {
  const site = useSite();
  const api = useApi();
  const system = useQuery(api.system.get.queryOptions());
  const reached = site.subscribers.active;
  const params = { site: site.id };
  if (!system.data) {
    return (
      <Screen title="Set up">
        {system.error ? (
          <ErrorState error={system.error} onRetry={() => void system.refetch()} />
        ) : (
          <Skeleton lines={10} />
        )}
      </Screen>
    );
  }
  const { publicUrl, publicListener, landing } = system.data;
  const landingPage = `${publicListener}/?site=${encodeURIComponent(site.key)}`;
  return (
    <Screen title="Set up">
      <ol className={classes['steps']}>
        <Step number={1} title="Your site and its key pair">
          <p className="dim">
            {site.name} at {site.origins.join(', ')}. The key pair is made and kept here; browsers are shown
            the public half.{' '}
            <Link to="/sites/$site/settings" params={params}>
              Change it in the settings.
            </Link>
          </p>
          <dl className={classes['keys']}>
            <div>
              <dt>Site key</dt>
              <dd>
                <CopyLine text={site.key} label="the site key" />
              </dd>
            </div>
            <div>
              <dt>Public key</dt>
              <dd>
                <CopyLine text={site.vapidPublicKey} label="the public key" />
              </dd>
            </div>
          </dl>
        </Step>
        <Step number={2} title="In your site">
          <Guide server={publicUrl} />
        </Step>
        <Step number={3} title="Check the live site">
          <SiteCheck url={publicUrl} site={site} />
        </Step>
        <Step number={4} title="Try it">
          {landing && (
            <>
              <p className="dim">
                Belfry serves a page of its own on this machine, for trying everything before your site has
                it.
              </p>
              <div className={classes['try']}>
                <Button
                  component="a"
                  href={landingPage}
                  target="_blank"
                  rel="noreferrer"
                  variant="default"
                  leftSection={<IconExternalLink size={15} stroke={1.5} />}
                >
                  Open the landing page
                </Button>
                <CopyLine text={landingPage} label="the address of the landing page" />
              </div>
            </>
          )}
          <p role="status" className={classes['arrived']} data-some={reached > 0 || undefined}>
            {reached === 0 ? (
              'Waiting for the first person to subscribe. They appear here at once.'
            ) : (
              <>
                {people(reached)} subscribed.{' '}
                <Link to="/sites/$site/compose" params={params}>
                  Send a first message
                </Link>
              </>
            )}
          </p>
        </Step>
      </ol>
    </Screen>
  );
}
