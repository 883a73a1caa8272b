import type Database from 'better-sqlite3';
import { groupOf } from '../../contract/expression-tree.ts';
import type { Condition, ConditionLeaf, Matching } from '../../core/ports/segments.ts';
import { SAMPLE_PARTS, SAMPLE_PRIME, sampleHash, sampleParts } from '../../core/segments/sample.ts';
import { IdSet } from './id-set.ts';
import {
  binding,
  campaignsSql,
  type IdList,
  isFacet,
  type LeafSql,
  leafSql,
  type Sql,
} from './segment-sql.ts';
import { SetCache } from './set-cache.ts';

/** Who is asked about: the people of a site in a state, or in any. */
export interface Population {
  site: number;
  state: number | null;
}

/** To look at one person by id costs about as much as to read this many from a list of ids. */
const LOOK = 20;
/** How far a list is counted to see whether it is short. */
const SHORT = 20_000;
/** People who are looked at by one statement, so that a question can be given up between two. */
const AT_ONCE = 10_000;

/**
 * Finds people by sets of ids: what each leaf of an expression says is read from an index as a list of ids (60 ns
 * each), and the tree is worked out by whole words of bits. Once few are left, only they are looked at, one by one
 * (1 µs each). Every question sees one moment of the database; a leaf is remembered until anything is changed in it.
 */
export function peopleSets(db: Database.Database, { look = LOOK }: { look?: number } = {}) {
  const cache = new SetCache(db);
  const highest = db.prepare<[], number>('SELECT coalesce(max(id), 0) FROM subscriber').pluck();

  /**
   * Who fulfils a condition. To be called within `atOneMoment`.
   * @param isStopped asked between any two steps. @throws Stopped
   */
  const matching = (population: Population, { where, now }: Matching, isStopped: () => boolean): IdSet =>
    new Question({ db, cache, look, top: highest.get() ?? 0, population, now, isStopped }).answer(where);

  const atOneMoment = <T>(work: () => T): T => {
    const inside = () => {
      // the first thing that is read says which moment this is
      cache.forgetOlder();
      return work();
    };
    return db.inTransaction ? inside() : db.transaction(inside)();
  };
  return { matching, atOneMoment };
}

export type PeopleSets = ReturnType<typeof peopleSets>;

/** Nobody waits for the answer any more. */
export class Stopped extends Error {
  readonly code = 'stopped';
}

interface Parts {
  db: Database.Database;
  cache: SetCache;
  look: number;
  top: number;
  population: Population;
  now: number;
  isStopped(): boolean;
}

/** Ids, and whether all of them are known to be of the site and in the state that is asked for. */
interface Found {
  ids: IdSet;
  isWithin: boolean;
}

class Question {
  readonly #parts: Parts;
  readonly #values: Record<string, unknown>;
  readonly #within: string;

  constructor(parts: Parts) {
    const { site, state } = parts.population;
    this.#parts = parts;
    this.#values = { site, state, campaign: 0 };
    this.#within = `s.site_id = @site${state === null ? '' : ' AND s.state = @state'}`;
  }

  answer(where: Condition): IdSet {
    const found = this.#find(where, null);
    if (found.isWithin) return found.ids;
    return found.ids.size * this.#parts.look < this.#parts.top
      ? this.#look({ sql: '1', values: {} }, found.ids)
      : found.ids.and(this.#everyone());
  }

  /** @param among nobody else is of interest; null: anybody, even of other states and sites */
  #find(condition: Condition, among: Found | null): Found {
    if (this.#parts.isStopped()) throw new Stopped('given up');
    const group = groupOf(condition);
    if (group === null) return this.#leaf(condition as ConditionLeaf, among);
    if (group.kind === 'all') return this.#all(group.members, among);
    if (group.kind === 'any') return this.#any(group.members, among);
    const all = among ?? { ids: this.#everyone(), isWithin: true };
    return { ids: all.ids.without(this.#any(group.members, all).ids), isWithin: all.isWithin };
  }

  #any(members: Condition[], among: Found | null): Found {
    let ids = new IdSet(this.#parts.top);
    let isWithin = true;
    let rest = among;
    for (const member of this.#ordered(members)) {
      const found = this.#find(member, rest);
      ids = ids.or(found.ids);
      if (rest !== null) rest = { ...rest, ids: rest.ids.without(found.ids) };
      isWithin &&= found.isWithin;
    }
    return { ids, isWithin };
  }

  /** Those first who are quickly found and few. */
  #all(members: Condition[], among: Found | null): Found {
    const facets = members.filter((member) => isFacet(member)) as ConditionLeaf[];
    const first = facets.some((leaf) => 'field' in leaf && leaf.field === 'language' && 'is' in leaf);
    // language begins the one index that has all facets: together they are a stretch of it
    let found = among;
    if (
      first &&
      facets.length > 1 &&
      (found === null || found.ids.size * this.#parts.look > this.#parts.top)
    ) {
      const stretch = this.#scan(facets);
      found = { ids: found === null ? stretch : found.ids.and(stretch), isWithin: true };
    }
    const rest = members.filter((member) => found === among || !facets.includes(member as ConditionLeaf));
    for (const member of this.#ordered(rest)) {
      if (found?.ids.size === 0) break;
      found = this.#find(member, found);
    }
    return found ?? { ids: this.#everyone(), isWithin: true };
  }

  #ordered(members: Condition[]): Condition[] {
    if (members.length < 2) return members;
    const costs = new Map(members.map((member) => [member, this.#cost(member)]));
    return members.toSorted((a, b) => (costs.get(a) ?? 0) - (costs.get(b) ?? 0));
  }

  /** About how many ids are to be read until it is known. */
  #cost(condition: Condition): number {
    const { top } = this.#parts;
    const group = groupOf(condition);
    if (group !== null) {
      const costs = group.members.map((member) => this.#cost(member));
      if (group.kind === 'all') return Math.min(top, ...costs);
      const sum = costs.reduce((all, one) => all + one, 0);
      return group.kind === 'any' ? sum : sum + 2 * top;
    }
    const leaf = condition as ConditionLeaf;
    if ('sample' in leaf) return top / 2;
    const { key, sql, values } = this.#leafSql(leaf);
    const known = this.#parts.cache.get(key);
    if (known !== null) return Math.min(known.size, top / 10);
    return sql.lists === null ? 4 * top : this.#length(sql.lists, values);
  }

  #length(lists: IdList[], values: Record<string, unknown>): number {
    const { db, top } = this.#parts;
    let sum = 0;
    for (const { from, kind } of lists) {
      if (kind === 'filtered') return top;
      const length = db
        .prepare<[Record<string, unknown>], number>(
          `SELECT count(*) FROM (SELECT 1 FROM ${from} LIMIT ${SHORT})`,
        )
        .pluck()
        .get({ ...this.#values, ...values });
      sum += length === SHORT ? Math.max(SHORT, kind === 'range' ? top / 2 : top / 5) : (length ?? 0);
    }
    return sum;
  }

  #leaf(leaf: ConditionLeaf, among: Found | null): Found {
    if ('sample' in leaf) {
      const all = among ?? { ids: this.#everyone(), isWithin: true };
      return { ids: all.ids.filter(drawn(leaf)), isWithin: all.isWithin };
    }
    const { cache, top, look } = this.#parts;
    const { key, sql, values } = this.#leafSql(leaf);
    const known = cache.get(key);
    const few = among === null ? Number.POSITIVE_INFINITY : among.ids.size * look;
    if (
      known === null &&
      among !== null &&
      few < (sql.lists === null ? 4 * top : this.#length(sql.lists, values))
    )
      return { ids: this.#look({ sql: sql.test, values }, among.ids), isWithin: true };
    const ids =
      known ?? cache.put(key, sql.lists === null ? this.#scan([leaf]) : this.#read(sql.lists, values));
    const isWithin = sql.lists === null;
    return among === null
      ? { ids, isWithin }
      : { ids: ids.and(among.ids), isWithin: isWithin || among.isWithin };
  }

  /** A leaf's statements, and what it is remembered by: what it comes to now, and not how it was asked. */
  #leafSql(leaf: ConditionLeaf): { key: string; sql: LeafSql; values: Record<string, unknown> } {
    const { db, now, population } = this.#parts;
    const { bind, values } = binding();
    const sql = leafSql(leaf, now, bind);
    if (!('did' in leaf))
      return { key: JSON.stringify([population, sql.lists ?? sql.test, values]), sql, values };
    const asked = binding();
    const { did } = leaf;
    const campaigns = db
      .prepare<[Record<string, unknown>], number>(campaignsSql(leaf, now, asked.bind))
      .pluck()
      .all({ ...this.#values, ...asked.values });
    const lists = campaigns.flatMap(
      (campaign) => leafSql({ did, campaigns: { campaign } }, now, bind).lists ?? [],
    );
    return { key: JSON.stringify([did, campaigns]), sql: { ...sql, lists }, values };
  }

  #everyone(): IdSet {
    const { cache, population } = this.#parts;
    const key = JSON.stringify(population);
    return cache.get(key) ?? cache.put(key, this.#scan([]));
  }

  /** Goes through the people of the site. */
  #scan(leaves: ConditionLeaf[]): IdSet {
    const { bind, values } = binding();
    const tests = leaves.map((leaf) => leafSql(leaf, this.#parts.now, bind).whole);
    const from = `subscriber s WHERE ${[this.#within, ...tests].join(' AND ')}`;
    return this.#read([{ id: 's.id', from, kind: 'filtered' }], values);
  }

  #read(lists: IdList[], values: Record<string, unknown>): IdSet {
    const { db, top, isStopped } = this.#parts;
    const ids = new IdSet(top);
    for (const { id, from } of lists) {
      if (isStopped()) throw new Stopped('given up');
      const text = db
        .prepare<[Record<string, unknown>], Uint8Array | null>(
          `SELECT CAST(group_concat(${id}) AS BLOB) FROM ${from}`,
        )
        .pluck()
        .get({ ...this.#values, ...values });
      if (text) ids.addText(text);
    }
    return ids;
  }

  /** Looks at each of these people. */
  #look({ sql, values }: Sql, among: IdSet): IdSet {
    const { db, top, isStopped } = this.#parts;
    const found = new IdSet(top);
    const statement = db
      .prepare<[Record<string, unknown>], Uint8Array | null>(
        `SELECT CAST(group_concat(s.id) AS BLOB) FROM json_each(@ids) j CROSS JOIN subscriber s ON s.id = j.value
         WHERE ${this.#within} AND ${sql}`,
      )
      .pluck();
    const ids = [...among.descending()];
    for (let i = 0; i < ids.length; i += AT_ONCE) {
      if (isStopped()) throw new Stopped('given up');
      const text = statement.get({
        ...this.#values,
        ...values,
        ids: `[${ids.slice(i, i + AT_ONCE).join()}]`,
      });
      if (text) found.addText(text);
    }
    return found;
  }
}

/** Whether a person is in a sample: the same numbers as in SQL, in halves that a double holds exactly. */
function drawn({ seed, sample }: { seed: string; sample: number }): (id: number) => boolean {
  const { a, b } = sampleHash(seed);
  const [factor, offset, prime] = [Number(a), Number(b), Number(SAMPLE_PRIME)];
  const [parts, most] = [Number(SAMPLE_PARTS), sampleParts(sample)];
  /** The remainder by the prime, which is 2^31 - 1: what is above 31 bits counts once. */
  const remainder = (value: number): number => {
    const above = Math.floor(value / (prime + 1));
    const sum = value - above * (prime + 1) + above;
    return sum >= prime ? sum - prime : sum;
  };
  return (id) => {
    const one = remainder(id);
    const high = remainder(factor * (one >>> 16));
    return (remainder(high * 65_536 + factor * (one & 0xffff) + offset) | 0) % parts < most;
  };
}
