import { Link } from '@tanstack/react-router';
import type { PeopleSort, Subscriber } from '../../main/contract/subscribers.ts';
import type { Column, Sorting } from '../parts/data-list.tsx';
import { countryName, languageName, personName, pushServiceName } from '../parts/format.ts';
import { StateBadge } from '../parts/state-badge.tsx';
import { Time } from '../parts/values.tsx';

const dash = <span className="dim">–</span>;
const words = (text: string | null | undefined) =>
  text === null || text === undefined || text === '' ? dash : <span dir="auto">{text}</span>;

type Cell = Column<Subscriber>['cell'];
interface Known {
  header: string;
  /** At least so many pixels, and this share of what is left; 0: always as wide. */
  width: number;
  share: number;
  cell: Cell;
}
/** In the order in which they stand; where there is too little room, `staying` says who goes last. */
const known: Record<string, Known> = {
  browser: {
    header: 'Browser',
    width: 136,
    share: 1,
    cell: ({ browser, browserVersion }) =>
      words(browser && `${browser} ${browserVersion?.split('.')[0] ?? ''}`.trim()),
  },
  system: { header: 'System', width: 80, share: 0.8, cell: ({ system }) => words(system) },
  device: { header: 'Device', width: 80, share: 0.8, cell: ({ device }) => words(device) },
  language: {
    header: 'Language',
    width: 90,
    share: 1,
    cell: ({ language }) => words(language && languageName(language.split('-')[0] ?? language)),
  },
  country: {
    header: 'Country',
    width: 90,
    share: 1,
    cell: ({ country }) => words(country && countryName(country)),
  },
  timeZone: { header: 'Time zone', width: 120, share: 1, cell: ({ timeZone }) => words(timeZone) },
  tags: { header: 'Tags', width: 90, share: 1.2, cell: ({ tags }) => words(tags.join(', ')) },
  page: { header: 'Page', width: 140, share: 1.2, cell: ({ page }) => words(page) },
  service: {
    header: 'Push service',
    width: 100,
    share: 1,
    cell: ({ pushService }) => words(pushServiceName(pushService)),
  },
  endpoint: {
    header: 'Endpoint',
    width: 96,
    share: 0,
    cell: ({ endpointTail }) => <code className="small">…{endpointTail}</code>,
  },
  first: { header: 'Subscribed', width: 112, share: 0, cell: ({ firstSeen }) => <Time at={firstSeen} /> },
  last: { header: 'Last seen', width: 112, share: 0, cell: ({ lastSeen }) => <Time at={lastSeen} /> },
};
const staying = ['last', 'browser', 'system', 'first', 'language', 'country', 'tags', 'service'];
export const usualColumns = staying;

const ATTRIBUTE = 'attribute:';
/** The column of one of the site's attributes. */
export const attributeColumn = (name: string) => `${ATTRIBUTE}${name}`;
/** What can be chosen beside attributes. */
export const columnNames = Object.entries(known).map(([id, { header }]) => ({ id, header }));

function find(id: string): Known | null {
  if (!id.startsWith(ATTRIBUTE)) return known[id] ?? null;
  const name = id.slice(ATTRIBUTE.length);
  return {
    header: name,
    width: 100,
    share: 1,
    cell: ({ attributes }) => {
      const value = Object.hasOwn(attributes, name) ? attributes[name] : null;
      if (typeof value === 'boolean') return value ? 'Yes' : 'No';
      return words(Array.isArray(value) ? value.join(', ') : (value?.toString() ?? null));
    },
  };
}

const GAP = 16;
/** Of the box, the person and the list's own edges. */
const ALWAYS = 16 + GAP + 140 + 48;

interface Wanted {
  /** The ids of those that were chosen. */
  chosen: readonly string[];
  withState: boolean;
  sortingOf: (by: PeopleSort) => Sorting | undefined;
}

/** The columns of the list, each with the width of the list from which there is room for it. */
export function peopleColumns({ chosen, withState, sortingOf }: Wanted): Column<Subscriber>[] {
  const order = [...Object.keys(known), ...chosen.filter((id) => id.startsWith(ATTRIBUTE))];
  const shown = order.filter((id) => chosen.includes(id));
  // whoever chose another than the usual ones wants to see it
  const rank = (id: string) => (id === 'last' ? -1000 : staying.includes(id) ? staying.indexOf(id) : -1);
  let needed = ALWAYS + (withState ? 96 + GAP : 0);
  const from = new Map(
    shown
      .toSorted((a, b) => rank(a) - rank(b))
      .map((id, i) => {
        needed += GAP + (find(id)?.width ?? 0);
        return [id, i === 0 ? 0 : needed];
      }),
  );
  const sorts: Record<string, PeopleSort> = { first: 'added', last: 'lastSeen' };
  return [
    {
      id: 'person',
      header: 'Person',
      track: 'minmax(140px, 2fr)',
      sorting: sortingOf('externalId'),
      cell: (person, link) => (
        <Link
          {...link}
          to="/sites/$site/subscribers/$subscriber"
          params={{ site: person.site, subscriber: person.id }}
        >
          <span dir="auto">{personName(person)}</span>
        </Link>
      ),
    },
    ...(withState
      ? [
          {
            id: 'state',
            header: 'State',
            track: '96px',
            cell: ({ state }: Subscriber) => <StateBadge state={state} />,
          },
        ]
      : []),
    ...shown.flatMap((id): Column<Subscriber>[] => {
      const column = find(id);
      if (column === null) return [];
      const { header, width, share, cell } = column;
      const sort = sorts[id];
      return [
        {
          id,
          header,
          track: share === 0 ? `${width}px` : `minmax(${width}px, ${share}fr)`,
          from: from.get(id) ?? 0,
          sorting: sort && sortingOf(sort),
          cell,
        },
      ];
    }),
  ];
}
