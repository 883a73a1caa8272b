import type { Failed } from './failures.ts';
import { type State, type Status, type Step, type StepName, stepNames } from './state.ts';

/** Holds where one stands, and tells who listens. */
export interface Board {
  state(): State;
  /** Calls `listener` after every change. @returns what ends it */
  on(listener: (state: State) => void): () => void;
  /** Starts over, with every check waiting. */
  begin(status: Status): void;
  mark(name: StepName, state: Step['state']): void;
  /** Does the work of a check and marks it done. One that was done before stays so meanwhile. */
  step<T>(name: StepName, work: () => T | Promise<T>): Promise<T>;
  settle(status: Status): void;
  fail(failed: Failed): void;
  /** Takes over what another tab found. */
  adopt(state: State): void;
}

export function createBoard(): Board {
  const allWaiting = (): Step[] => stepNames.map((name) => ({ name, state: 'waiting' }));
  let state: State = { status: 'checking', steps: allWaiting(), failure: null };
  const listeners = new Set<(state: State) => void>();

  const set = (change: Partial<State>) => {
    state = { ...state, ...change };
    for (const listener of listeners) {
      try {
        listener(state);
      } catch (error) {
        // the page's fault, for its own error handling: it must not stop a subscription
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  };
  const mark = (name: StepName, as: Step['state']) =>
    set({ steps: state.steps.map((step) => (step.name === name ? { name, state: as } : step)) });

  return {
    mark,
    state: () => state,
    on(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    begin: (status) => set({ status, steps: allWaiting(), failure: null }),
    async step(name, work) {
      if (state.steps.some((step) => step.name === name && step.state !== 'done')) mark(name, 'running');
      const result = await work();
      mark(name, 'done');
      return result;
    },
    settle: (status) => set({ status, failure: null }),
    fail({ failure, status }) {
      const at = stepNames.indexOf(failure.step);
      const steps = state.steps.map((step, index): Step => {
        if (index === at) return { name: step.name, state: 'failed' };
        return index > at || step.state !== 'done' ? { name: step.name, state: 'waiting' } : step;
      });
      set({ status, steps, failure });
    },
    adopt: set,
  };
}
