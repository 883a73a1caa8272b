import { TagsInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi, useClient } from '../frame/api.tsx';
import { toast } from '../frame/toasts.tsx';
import { ErrorState, Skeleton } from '../parts/states.tsx';
import { SaveRow, Section } from './section.tsx';

/** The hosts that Belfry sends to; a subscription at any other is refused. */
export function PushServices() {
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const hosts = useQuery(api.system.pushHosts.queryOptions());
  const [typed, setTyped] = useState<string[] | null>(null);
  const save = useMutation({
    mutationFn: (added: string[]) => client.system.setPushHosts({ added }),
    onSuccess: (fresh) => {
      queries.setQueryData(api.system.pushHosts.queryKey(), fresh);
      setTyped(null);
      toast('Saved.');
    },
  });
  const stored = hosts.data?.added ?? [];
  const value = typed ?? stored;
  return (
    <Section
      title="Push services"
      about="A subscription names the host that its messages go to. Only these are accepted, so that nobody can make Belfry call addresses of their choice. For all sites."
    >
      {hosts.isPending && <Skeleton lines={2} />}
      {hosts.error && <ErrorState error={hosts.error} onRetry={() => void hosts.refetch()} />}
      {hosts.data && (
        <>
          <p>
            <span className="dim">Always:</span> {hosts.data.builtIn.join(', ')}
          </p>
          {hosts.data.fromCommandLine.length > 0 && (
            <p>
              <span className="dim">Named when Belfry was started:</span>{' '}
              {hosts.data.fromCommandLine.join(', ')}
            </p>
          )}
          <TagsInput
            label="Others"
            description="host, or host:port"
            placeholder={value.length === 0 ? 'none; type one and press Enter' : undefined}
            value={value}
            onChange={setTyped}
          />
          <SaveRow
            changed={JSON.stringify(value) !== JSON.stringify(stored)}
            saving={save.isPending}
            error={save.error}
            onSave={() => save.mutate(value)}
            onReset={() => {
              save.reset();
              setTyped(null);
            }}
          />
        </>
      )}
    </Section>
  );
}
