import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { TimelineEntry } from '../../main/contract/subscribers.ts';
import { useApi } from '../frame/api.tsx';
import { reasonWords } from '../parts/campaign-words.ts';
import { formatNumber, pushServiceName } from '../parts/format.ts';
import { ErrorState, Skeleton } from '../parts/states.tsx';
import { whyWords } from '../parts/subscriber-words.ts';
import { Time } from '../parts/values.tsx';
import classes from './subscriber.module.css';

const words: Record<TimelineEntry['what'], [text: string, tone: 'good' | 'quiet' | 'bad' | 'reply']> = {
  subscribed: ['Subscribed', 'good'],
  seen: ['Came by', 'quiet'],
  accepted: ['Push service accepted', 'quiet'],
  shown: ['Saw', 'reply'],
  clicked: ['Clicked', 'reply'],
  closed: ['Closed', 'quiet'],
  expired: ['Subscription had ended at', 'quiet'],
  rejected: ['Push service refused', 'bad'],
  failed: ['Could not be reached with', 'bad'],
  skipped: ['Was left out of', 'quiet'],
  pending: ['Waits for', 'quiet'],
  tried: ['Was tried with', 'quiet'],
  unsubscribed: ['Left', 'quiet'],
};
const alone: Partial<Record<TimelineEntry['what'], string>> = {
  expired: 'The subscription ended',
  rejected: 'A push service refused',
  failed: 'Could not be reached',
};

/** What a push service answered, in figures: `FCM 503, 120 ms, attempt 2`. */
const answerWords = ({ pushService, status, duration, number }: NonNullable<TimelineEntry['attempt']>) =>
  [
    `${pushServiceName(pushService)}${status === null ? '' : ` ${status}`}`,
    ...(duration === null ? [] : [`${formatNumber(duration)} ms`]),
    ...(number > 1 ? [`attempt ${number}`] : []),
  ].join(', ');

/** A page stays as it is; why something happened is said in words. */
function detailWords(what: TimelineEntry['what'], detail: string, isMessage: boolean) {
  if (what === 'subscribed') return detail;
  if (isMessage) return `(${reasonWords(detail).toLowerCase()})`;
  return what === 'unsubscribed' && detail === 'left' ? null : whyWords(detail);
}

/** What happened with one person, the newest first. */
export function Timeline({ id, site }: { id: string; site: string }) {
  const api = useApi();
  const timeline = useQuery(api.subscribers.timeline.queryOptions({ input: { id } }));
  return (
    <section className={classes['timeline']} aria-labelledby="timeline">
      <h2 id="timeline">What happened</h2>
      {timeline.isPending && <Skeleton />}
      {timeline.error && <ErrorState error={timeline.error} onRetry={() => void timeline.refetch()} />}
      {timeline.data?.items.length === 0 && <p className="dim">Nothing yet.</p>}
      <ol>
        {timeline.data?.items.map(({ at, what, campaign, detail, attempt }, index) => {
          const [text, tone] = words[what];
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: entries have no id, and two may be alike
            <li key={`${at} ${what} ${index}`} data-tone={tone}>
              <Time at={at} />
              <span>
                {campaign ? text : (alone[what] ?? text)}
                {campaign && (
                  <>
                    {' '}
                    <Link
                      to="/sites/$site/campaigns/$campaign"
                      params={{ site, campaign: campaign.id }}
                      dir="auto"
                    >
                      {campaign.title}
                    </Link>
                  </>
                )}
                {detail && <span className="dim"> {detailWords(what, detail, campaign !== null)}</span>}
                {attempt && <span className="dim"> {answerWords(attempt)}</span>}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
