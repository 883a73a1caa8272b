import { os, type Parts } from './base.ts';

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
      await rehearsals.remove();
      return rehearsals.status();
    }),
    watch: os.rehearsal.watch.handler(({ signal }) => rehearsals.watch(signal)),
  };
}
