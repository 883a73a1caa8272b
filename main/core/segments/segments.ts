import type { Expression } from '../../contract/expressions.ts';
import type { Ids } from '../ids.ts';
import type { Live } from '../live.ts';
import type { SegmentRow, SegmentUsers } from '../ports/segments.ts';
import type { Storage } from '../ports/storage.ts';
import type { Clock } from '../ports/surroundings.ts';
import { Refusal } from '../refusal.ts';
import { resolve } from './resolve.ts';

interface Parts {
  storage: Storage;
  ids: Ids;
  live: Live;
  clock: Clock;
}

/** Whoever has more makes them by a program, and should hand the expression to the campaign. */
const MOST_SEGMENTS = 1000;

/** Segments are kept as they were said; what they mean is found out whenever they are used. */
export class SegmentDirectory {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @throws Refusal for a name that the site has already, and for an expression that cannot be used */
  async create(site: number, name: string, expression: Expression): Promise<SegmentRow> {
    const { storage, clock } = this.#parts;
    await resolve(expression, site, this.#parts);
    if ((await storage.segments.all(site)).length >= MOST_SEGMENTS)
      throw new Refusal('conflict', `This site has ${MOST_SEGMENTS} segments, and more it cannot have.`);
    const made = await storage.segments.insert({ site, name, expression, createdAt: clock.now() });
    if (made === null) throw sameName(name);
    return this.#changed(made);
  }

  /** @throws as `create`, and Refusal not_found */
  async update(
    segment: SegmentRow,
    change: { name?: string | undefined; expression?: Expression | undefined },
  ): Promise<SegmentRow> {
    const { storage, clock } = this.#parts;
    const { name, expression } = change;
    if (expression !== undefined) await resolve(expression, segment.site, this.#parts, { self: segment.id });
    const updated = await storage.segments.update(
      segment.id,
      { ...(name !== undefined && { name }), ...(expression !== undefined && { expression }) },
      clock.now(),
    );
    if (updated === null) throw new Refusal('not_found', 'There is no such segment.');
    if (updated === 'same-name') throw sameName(name ?? segment.name);
    return this.#changed(updated);
  }

  /** Makes another one that says the same, with a name that is free. */
  async duplicate(segment: SegmentRow): Promise<SegmentRow> {
    const names = new Set((await this.#parts.storage.segments.all(segment.site)).map(({ name }) => name));
    const stem = segment.name.slice(0, 85);
    let name = `Copy of ${stem}`;
    for (let n = 2; names.has(name); n++) name = `Copy ${n} of ${stem}`;
    return this.create(segment.site, name, segment.expression);
  }

  users(segment: SegmentRow): Promise<SegmentUsers> {
    return this.#parts.storage.segments.users(segment.id, this.#parts.ids.seal('seg', segment.id));
  }

  /** @throws Refusal conflict that names who would miss it */
  async remove(segment: SegmentRow): Promise<void> {
    const { storage, ids } = this.#parts;
    const { segments, campaigns } = await storage.segments.remove(segment.id, ids.seal('seg', segment.id));
    if (segments.length + campaigns.length > 0) {
      const users = [
        ...segments.map(({ name }) => `the segment “${name}”`),
        ...campaigns.map(
          ({ title, state }) => `the ${state === 'draft' ? 'draft' : 'scheduled campaign'} “${title}”`,
        ),
      ];
      const some = users.length > 5 ? [...users.slice(0, 4), `${users.length - 4} more`] : users;
      throw new Refusal(
        'conflict',
        `“${segment.name}” is used by ${some.join(', ')}. Change ${users.length === 1 ? 'that' : 'those'} first.`,
      );
    }
    this.#changed(segment);
  }

  #changed(segment: SegmentRow): SegmentRow {
    const { live, ids } = this.#parts;
    live.publish({ type: 'segments', site: ids.seal('site', segment.site) });
    return segment;
  }
}

const sameName = (name: string) =>
  new Refusal('conflict', `This site has a segment named “${name}” already. Give another name.`, {
    errors: [{ pointer: '/name', detail: 'Taken already' }],
  });
