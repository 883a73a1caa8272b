import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, skipToken, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { expressionWords, type Names } from '../../main/contract/expression-words.ts';
import type { Expression } from '../../main/contract/expressions.ts';
import type { Breakdown } from '../../main/contract/segments.ts';
import type { Site } from '../../main/contract/sites.ts';
import { useApi } from '../frame/api.tsx';
import { useLive } from '../frame/connection.tsx';
import { sentence } from '../parts/errors.ts';
import { countryName, formatNumber, formatShare, languageName, people, personName } from '../parts/format.ts';
import { Note } from '../parts/states.tsx';
import classes from './segments.module.css';

/**
 * Counts who is meant, a moment after the last change; a newer question takes the place of the one before.
 * @param detail asks also what they are like
 */
function useCount(site: string, expression: Expression | null, detail: boolean) {
  const api = useApi();
  const input = expression === null ? null : JSON.stringify(expression);
  const [settled] = useDebouncedValue(input, detail ? 400 : 120);
  const count = useQuery(
    api.segments.count.queryOptions({
      input: settled === null ? skipToken : { site, expression: JSON.parse(settled) as Expression, detail },
      placeholderData: keepPreviousData,
      staleTime: 5000,
    }),
  );
  useLive((event) => {
    if (event.type === 'subscribers' && event.site === site && !count.isFetching) void count.refetch();
  });
  return { ...count, current: settled === input && !count.isPlaceholderData };
}

/** Who is meant: the sentence, how many, what they are like, and a few of them. */
export function Findings({
  site,
  expression,
  names,
}: {
  site: Site;
  expression: Expression | null;
  names: Names;
}) {
  const detail = useCount(site.id, expression, true);
  return (
    <section className={classes['findings']} aria-label="Who is meant">
      {expression === null ? (
        <p className="dim">A condition still lacks something. Complete it to see who is meant.</p>
      ) : (
        <p className={classes['words']} dir="auto">
          {expressionWords(expression, names)}
        </p>
      )}
      <CountLine site={site} expression={expression} />
      {detail.data?.breakdown && detail.data.people > 0 && (
        <div data-stale={!detail.current || undefined} className={classes['detail']}>
          <Shares breakdown={detail.data.breakdown} people={detail.data.people} />
          <h2>The newest of them</h2>
          <ul className={classes['newest']}>
            {detail.data.newest?.map((person) => (
              <li key={person.id}>
                <Link
                  to="/sites/$site/subscribers/$subscriber"
                  params={{ site: site.id, subscriber: person.id }}
                >
                  <span dir="auto">{personName(person)}</span>
                </Link>
                <span className="dim small">
                  {[person.browser, person.system, person.country && countryName(person.country)]
                    .filter(Boolean)
                    .join(' · ')}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

/** How many active people an expression means, counted while it is built. */
export function CountLine({ site, expression }: { site: Site; expression: Expression | null }) {
  const count = useCount(site.id, expression, false);
  const { active } = site.subscribers;
  if (count.error)
    return (
      <p className={classes['bad']} role="alert">
        {sentence(count.error)}
      </p>
    );
  return (
    <>
      <p className={classes['people']} aria-live="polite" data-stale={!count.current || undefined}>
        {count.data && (
          <>
            <strong>{people(count.data.people)}</strong>{' '}
            <span className="dim">
              {count.data.people <= active &&
                active > 0 &&
                `${formatShare(count.data.people, active)} of ${formatNumber(active)}`}
            </span>
          </>
        )}
      </p>
      {count.data !== undefined && count.data.forgotten > 0 && (
        <Forgotten site={site.id} campaigns={count.data.forgotten} />
      )}
    </>
  );
}

/** Campaigns that are asked about have lost what became of single messages. */
function Forgotten({ site, campaigns }: { site: string; campaigns: number }) {
  return (
    <Note>
      {campaigns === 1
        ? 'One of the campaigns asked about is too old: what became of each of its messages is no longer kept.'
        : `${formatNumber(campaigns)} of the campaigns asked about are too old: what became of each of their messages is no longer kept.`}{' '}
      Nobody counts as having had them.{' '}
      <Link to="/sites/$site/settings" params={{ site }} search={{ section: 'kept' }}>
        How long it is kept
      </Link>
    </Note>
  );
}

const parts: [keyof Breakdown, string, (value: string) => string][] = [
  ['browser', 'Browser', String],
  ['system', 'System', String],
  ['language', 'Language', languageName],
  ['country', 'Country', countryName],
];
const MOST = 4;

function Shares({ breakdown, people: all }: { breakdown: Breakdown; people: number }) {
  return (
    <div className={classes['shares']}>
      {parts.map(([field, title, name]) => {
        const shown = breakdown[field].slice(0, MOST);
        const rest = all - shown.reduce((sum, { people: some }) => sum + some, 0);
        const rows = [
          ...shown.map(
            ({ value, people: some }) => [value === null ? 'Not known' : name(value), some] as const,
          ),
          ...(rest > 0 ? [['Others', rest] as const] : []),
        ];
        return (
          <section key={field}>
            <h2>{title}</h2>
            <dl>
              {rows.map(([value, some]) => (
                <div key={value}>
                  <dt dir="auto">{value}</dt>
                  <dd className="tabular" title={people(some)}>
                    {formatShare(some, all)}
                  </dd>
                  <i aria-hidden="true" style={{ width: `${(some / all) * 100}%` }} />
                </div>
              ))}
            </dl>
          </section>
        );
      })}
    </div>
  );
}
