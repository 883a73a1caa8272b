import type { AttributeChange, AttributeChangeState } from '../../contract/attributes.ts';

export interface AttributeChangeRow {
  id: number;
  site: number;
  change: AttributeChange;
  state: AttributeChangeState;
  /** Whose attributes were changed so far; while it is taken back: who is left. */
  people: number;
  at: number;
  /** What people had before is still known. */
  undoable: boolean;
}

/** What one transaction did, of the people that it looked at. */
export interface AttributeStep {
  looked: number;
  changed: number;
  /** There is nobody left. */
  end: boolean;
}

/** Changes to what a site's attributes are. What people had before is kept for a time, so that they can be undone. */
export interface AttributeChanges {
  /** How many people have each attribute of a site, in any state. @throws as `Segments.breakdown` */
  people(site: number, signal?: AbortSignal): Promise<Record<string, number>>;
  /** Who has it, who has the one that it is merged into too, and whose value cannot be read as the kind. */
  preview(
    site: number,
    change: AttributeChange,
    signal?: AbortSignal,
  ): Promise<{ people: number; both: number; unreadable: number; example: string | null }>;
  get(id: number): Promise<AttributeChangeRow | null>;
  /** Of one site, or of all (null) those that are under way; the newest first. */
  list(site: number | null): Promise<AttributeChangeRow[]>;
  /** Begins one; null when the site has another under way. */
  insert(site: number, change: AttributeChange, at: number): Promise<AttributeChangeRow | null>;
  /** Goes on with one that is `running`, for some ten milliseconds. */
  step(id: number): Promise<AttributeStep>;
  /** Goes on with one that is `undoing`: gives some people back what they had. */
  stepBack(id: number): Promise<AttributeStep>;
  /**
   * Moves it on from one of `from`; null when it was in none, or another one of the site is under way, or (to
   * `undoing`) what people had is no longer known.
   */
  move(
    id: number,
    from: AttributeChangeState[],
    to: AttributeChangeState,
  ): Promise<AttributeChangeRow | null>;
  /** Forgets, for some ten milliseconds, what people had before changes of before that. @returns how many rows */
  forget(before: number): Promise<number>;
}
