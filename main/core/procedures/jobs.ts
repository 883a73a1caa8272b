import { os, type Parts } from './base.ts';

export function jobProcedures({ jobs }: Parts) {
  return {
    list: os.jobs.list.handler(() => ({ items: jobs.list() })),
    cancel: os.jobs.cancel.handler(({ input }) => jobs.cancel(input.id)),
  };
}
