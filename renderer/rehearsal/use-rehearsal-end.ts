import { ORPCError } from '@orpc/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useApi, useClient } from '../frame/api.tsx';
import { toastError } from '../frame/toasts.tsx';

/** Removes the practice site, or cancels its making. It is a job: the frame says what came of it. */
export function useRehearsalEnd() {
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => client.rehearsal.remove(),
    onMutate: () => {
      queries.setQueryData(
        api.rehearsal.get.queryKey(),
        (known) => known && { ...known, state: 'removing' as const, progress: null },
      );
    },
    onSuccess: (rehearsal) => {
      queries.setQueryData(api.rehearsal.get.queryKey(), rehearsal);
    },
    onError: (error) => {
      // a connection that ends says nothing about the work, which goes on
      if (error instanceof ORPCError) toastError('The practice site was not removed', error);
      void queries.invalidateQueries({ queryKey: api.rehearsal.key() });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: api.sites.key() }),
  });
}
