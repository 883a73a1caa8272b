import { os, type Parts } from './base.ts';

/** Milliseconds for which a caller is kept waiting: many close a connection on which nothing comes for a minute. */
const PATIENCE = 30_000;

export function rehearsalProcedures({ rehearsals }: Parts) {
  return {
    get: os.rehearsal.get.handler(() => rehearsals.status()),
    start: os.rehearsal.start.handler(async ({ input }) => {
      await rehearsals.begin(input);
      return rehearsals.status();
    }),
    setBehaviour: os.rehearsal.setBehaviour.handler(async ({ input }) => {
      await rehearsals.setBehaviour(input);
      return rehearsals.status();
    }),
    remove: os.rehearsal.remove.handler(async () => {
      await rehearsals.remove(PATIENCE);
      return rehearsals.status();
    }),
    watch: os.rehearsal.watch.handler(({ signal }) => rehearsals.watch(signal)),
  };
}
