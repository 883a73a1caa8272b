import type Database from 'better-sqlite3';
import { first } from './0001-first.ts';
import { imports } from './0002-imports.ts';
import { currentKey } from './0003-current-key.ts';

/** In order; the position of each, from 1, is the version it leads to. Never change one that was released. */
export const migrations: ((db: Database.Database) => void)[] = [first, imports, currentKey];
