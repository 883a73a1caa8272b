import { type RefusalReason, refusalReasons } from '../../contract/imports.ts';

/** Why a row is not taken. `detail` says more than the reason alone, where there is more to say. */
export interface RowRefusal {
  reason: RefusalReason;
  detail: string;
}
/** Thrown by the readers of values. */
export class BadRow extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, detail: string = refusalReasons[reason]) {
    super(detail);
    this.name = 'BadRow';
    this.reason = reason;
  }
}
