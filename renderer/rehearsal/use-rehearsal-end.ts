import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useApi, useClient } from '../frame/api.tsx';
import { toast, toastError } from '../frame/toasts.tsx';

/** Removes the practice site, or cancels its making; says when nothing is left of it. */
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
      toast('The practice site is gone. Nothing of it is left.');
    },
    onError: (error) => {
      toastError('The practice site was not removed', error);
      void queries.invalidateQueries({ queryKey: api.rehearsal.key() });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: api.sites.key() }),
  });
}
