import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconDots, IconDownload, IconSend, IconTrash, IconUserMinus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Subscriber as Person } from '../../main/contract/subscribers.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { useConfirm } from '../frame/confirm.tsx';
import { Screen } from '../frame/screen.tsx';
import { useSite } from '../frame/site.tsx';
import { toast, toastError } from '../frame/toasts.tsx';
import { countryName, languageName, personName, pushServiceName } from '../parts/format.ts';
import { saveFile, today } from '../parts/save-file.ts';
import { StateBadge } from '../parts/state-badge.tsx';
import { ErrorState, Note, Skeleton } from '../parts/states.tsx';
import { whyWords } from '../parts/subscriber-words.ts';
import { Time } from '../parts/values.tsx';
import { OtherBrowsers } from './other-browsers.tsx';
import classes from './subscriber.module.css';
import { TestDeviceItem } from './test-device.tsx';
import { Timeline } from './timeline.tsx';

/** “tag 2” before “tag 10”. */
const naturally = new Intl.Collator('en', { numeric: true });

function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === '' || children === false) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd dir="auto">{children}</dd>
    </div>
  );
}

function Facts({ person }: { person: Person }) {
  const { browser, browserVersion, system, device, language, country, timeZone, page, consent } = person;
  const attributes = Object.entries(person.attributes);
  return (
    <div className={classes['facts']}>
      <section>
        <h2>Known</h2>
        <dl>
          <Fact name="External id">{person.externalId}</Fact>
          <Fact name="Browser">{browser && `${browser} ${browserVersion ?? ''}`}</Fact>
          <Fact name="System">{system && [system, device].filter(Boolean).join(', ')}</Fact>
          <Fact name="Language">{language && `${languageName(language)} (${language})`}</Fact>
          <Fact name="Country">{country && countryName(country)}</Fact>
          <Fact name="Time zone">{timeZone}</Fact>
          <Fact name="Subscribed">
            <Time at={person.firstSeen} />
          </Fact>
          <Fact name="On the page">{page}</Fact>
          <Fact name="Last seen">
            <Time at={person.lastSeen} />
          </Fact>
          <Fact name="Agreed to">
            {consent && (
              <>
                {consent.version}, <Time at={consent.at} />
                {page && `, on ${page}`}
              </>
            )}
          </Fact>
        </dl>
      </section>
      {person.externalId !== null && <OtherBrowsers person={{ ...person, externalId: person.externalId }} />}
      <section>
        <h2>Tags</h2>
        {person.tags.length === 0 ? (
          <p className="dim">None.</p>
        ) : (
          <ul className={classes['tags']}>
            {person.tags.toSorted(naturally.compare).map((tag) => (
              <li key={tag} dir="auto">
                {tag}
              </li>
            ))}
          </ul>
        )}
      </section>
      <section>
        <h2>Attributes</h2>
        {attributes.length === 0 ? (
          <p className="dim">None.</p>
        ) : (
          <dl>
            {attributes.map(([name, value]) => (
              <Fact key={name} name={name}>
                {Array.isArray(value) ? value.join(', ') : String(value)}
              </Fact>
            ))}
          </dl>
        )}
      </section>
      <section>
        <h2>Subscription</h2>
        <dl>
          <Fact name="Push service">{pushServiceName(person.pushService)}</Fact>
          <Fact name="Endpoint">
            <code className="small">…{person.endpointTail}</code>
          </Fact>
          <Fact name="Test device">{person.testDevice && 'Gets your test messages'}</Fact>
          <Fact name="Belfry’s id">
            <code className="small">{person.id}</code>
          </Fact>
        </dl>
      </section>
    </div>
  );
}

/** One person: everything known of them, what happened, and what can be done. */
export function Subscriber(): ReactNode {
  const site = useSite();
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const confirm = useConfirm();
  const { subscriber: id } = useParams({ from: '/sites/$site/subscribers/$subscriber' });
  const person = useQuery(api.subscribers.get.queryOptions({ input: { id } }));
  const refresh = () => queries.invalidateQueries({ queryKey: api.subscribers.key() });
  const restore = useMutation({
    mutationFn: () => client.subscribers.restore({ id }),
    onSuccess: () => toast('They are back.'),
    onError: (error) => toastError('They could not be restored', error),
    onSettled: refresh,
  });
  const remove = useMutation({
    mutationFn: () => client.subscribers.remove({ id }),
    onSuccess: () => toast('They get nothing any more.', { undo: () => restore.mutate() }),
    onError: (error) => toastError('They could not be removed', error),
    onSettled: refresh,
  });
  const data = useMutation({
    mutationFn: () => client.subscribers.data({ id }),
    onSuccess: (known) =>
      saveFile(
        `${personName(known.person)} ${today()}.json`,
        [JSON.stringify(known, null, 2)],
        'application/json',
      ),
    onError: (error) => toastError('It could not be exported', error),
  });
  const erase = useMutation({
    mutationFn: () => client.subscribers.erase({ id }),
    onSuccess: async () => {
      toast('Erased. Nothing about this person is kept.');
      await navigate({ to: '/sites/$site/subscribers', params: { site: site.id }, replace: true });
      queries.removeQueries({ queryKey: api.subscribers.get.key({ input: { id } }) });
      void refresh();
    },
    onError: (error) => toastError('They could not be erased', error),
  });
  const trail = [
    <Link key="list" to="/sites/$site/subscribers" params={{ site: site.id }}>
      Subscribers
    </Link>,
  ];
  if (!person.data) {
    return (
      <Screen title="Person" trail={trail}>
        {person.error ? (
          <ErrorState error={person.error} onRetry={() => void person.refetch()} />
        ) : (
          <Skeleton lines={10} />
        )}
      </Screen>
    );
  }
  const known = person.data;
  const reachable = known.state === 'active' || known.state === 'foreign';
  const askErase = async () => {
    const yes = await confirm({
      title: 'Erase this person?',
      body: 'This deletes 1 subscriber with everything known of them: attributes, tags and what they clicked. The counts of past campaigns stay. It cannot be undone, and their browser cannot come back by itself.',
      action: 'Erase 1 person',
      danger: true,
      final: true,
    });
    if (yes) erase.mutate();
  };
  return (
    <Screen
      title={personName(known)}
      trail={trail}
      aside={<StateBadge state={known.state} />}
      actions={
        <>
          <Button
            disabled={!reachable}
            leftSection={<IconSend size={15} stroke={1.5} />}
            renderRoot={(props) =>
              reachable ? (
                <Link {...props} to="/sites/$site/compose" params={{ site: site.id }} search={{ to: id }} />
              ) : (
                <button type="button" {...props} />
              )
            }
          >
            Send to this person
          </Button>
          <Menu position="bottom-end" width={200}>
            <Menu.Target>
              <ActionIcon aria-label="More for this person">
                <IconDots size={17} stroke={1.5} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {reachable && (
                <Menu.Item
                  leftSection={<IconUserMinus size={15} stroke={1.5} />}
                  onClick={() => remove.mutate()}
                >
                  Remove
                </Menu.Item>
              )}
              <TestDeviceItem person={known} />
              <Menu.Item leftSection={<IconDownload size={15} stroke={1.5} />} onClick={() => data.mutate()}>
                Export what is known
              </Menu.Item>
              <Menu.Item
                color="red"
                leftSection={<IconTrash size={15} stroke={1.5} />}
                onClick={() => void askErase()}
              >
                Erase for good…
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </>
      }
    >
      {known.state !== 'active' && (
        <div className={classes['reason']}>
          <Note tone="calm">
            <StateBadge state={known.state} /> since <Time at={known.stateSince} />.{' '}
            {known.state === 'quarantined'
              ? 'The push service says that this subscription was made with another key than your site’s. They are kept and not sent to, and are back by themselves when they open your site again.'
              : (whyWords(known.stateReason) ??
                (known.state === 'foreign' &&
                  'They were imported, and their browser has not been seen yet.'))}{' '}
            {(known.state === 'expired' || known.state === 'quarantined') && (
              <Button variant="subtle" size="compact-sm" onClick={() => restore.mutate()}>
                Send to them all the same
              </Button>
            )}
            {known.state === 'unsubscribed' && known.stateReason?.startsWith('removed') && (
              <Button variant="subtle" size="compact-sm" onClick={() => restore.mutate()}>
                Take them back
              </Button>
            )}
          </Note>
        </div>
      )}
      <div className={classes['columns']}>
        <Facts person={known} />
        <Timeline id={id} site={site.id} />
      </div>
    </Screen>
  );
}
