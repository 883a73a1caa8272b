import { createBelfry } from './belfry.ts';

export type { Belfry } from './belfry.ts';
export type { Options } from './options.ts';
export type { Failure, FailureCode, State, Status, Step, StepName } from './state.ts';

/** The ES module's one client; its default server is the origin that the module came from. */
export const belfry = createBelfry(new URL(import.meta.url).origin);
