import type Database from 'better-sqlite3';
import { groupOf } from '../../contract/expression-tree.ts';
import type { Condition } from '../../core/ports/segments.ts';
import type { AudienceRow } from '../../core/ports/storage.ts';
import { isRaised, type StopFlag } from '../one-by-one.ts';
import { audienceSql } from './audience.ts';
import type { PeopleSets } from './people-sets.ts';
import { isFacet } from './segment-sql.ts';
import { ACTIVE } from './subscriber-rows.ts';

export function audienceCounts(db: Database.Database, sets: PeopleSets) {
  return {
    'campaigns.audienceSize': (site: number, audience: AudienceRow, stop?: StopFlag): number => {
      if ('where' in audience && !isToldByRows(audience.where))
        return sets.atOneMoment(
          () => sets.matching({ site, state: ACTIVE }, audience, () => isRaised(stop)).size,
        );
      const { from, values } = audienceSql(audience);
      return db
        .prepare<[Record<string, unknown>], number>(`SELECT count(*) FROM ${from} AND +s.state <= 1`)
        .pluck()
        .get({ site, ...values }) as number;
    },
  };
}

/** Whether one pass over the people, or a stretch of their index, answers it: counting is quicker than listing. */
function isToldByRows(condition: Condition): boolean {
  const group = groupOf(condition);
  if (group !== null) return group.kind === 'all' && group.members.every(isToldByRows);
  return 'sample' in condition || isFacet(condition);
}
