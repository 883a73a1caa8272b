import { NativeSelect } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Retention as Kept } from '../../main/contract/system.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { toast } from '../frame/toasts.tsx';
import { formatCount, formatNumber } from '../parts/format.ts';
import { ErrorState, Skeleton } from '../parts/states.tsx';
import { SaveRow, Section } from './section.tsx';

const periods: [days: number | null, label: string][] = [
  [30, '30 days'],
  [90, '90 days'],
  [180, 'Half a year'],
  [365, 'A year'],
  [1095, '3 years'],
  [null, 'For ever'],
];
const amounts = [1_000_000, 10_000_000, 50_000_000, 100_000_000, 500_000_000];

/** The choices with the present one among them, which the API may have set to anything. */
const daysWith = (now: number | null) =>
  periods.some(([days]) => days === now)
    ? periods
    : [...periods, [now, formatCount(now ?? 0, 'day', 'days')] as const].toSorted(
        ([a], [b]) => (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY),
      );
const amountsWith = (now: number) => [...new Set([...amounts, now])].toSorted((a, b) => a - b);

const megabytes = (bytes: number) => `${formatNumber(Math.max(1, Math.round(bytes / 1_000_000)))} MB`;

/** How long single deliveries and expired subscribers are kept. */
export function Retention() {
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const retention = useQuery(api.system.retention.queryOptions());
  const [typed, setTyped] = useState<Kept | null>(null);
  const save = useMutation({
    mutationFn: (chosen: Kept) => client.system.setRetention(chosen),
    onSuccess: (fresh) => {
      queries.setQueryData(api.system.retention.queryKey(), fresh);
      setTyped(null);
      toast('Saved. What need not be kept any longer goes little by little.');
    },
  });
  if (!retention.data) {
    return (
      <Section title="What is kept" about="Per person, and for how long. For all sites.">
        {retention.error ? (
          <ErrorState error={retention.error} onRetry={() => void retention.refetch()} />
        ) : (
          <Skeleton lines={3} />
        )}
      </Section>
    );
  }
  const { kept, ...stored } = retention.data;
  const value = typed ?? stored;
  const change = (some: Partial<Kept>) => setTyped({ ...value, ...some });
  const days = (text: string) => (text === '' ? null : Number(text));
  const options = (now: number | null) =>
    daysWith(now).map(([period, label]) => ({ value: period === null ? '' : String(period), label }));
  return (
    <Section
      title="What is kept"
      about="A campaign’s numbers, reasons and clicks are kept for ever. To whom it went and what became of each message is kept for a time. For all sites."
    >
      <NativeSelect
        label="Single deliveries, after their campaign ended"
        value={value.deliveryDays ?? ''}
        data={options(value.deliveryDays)}
        onChange={(event) => change({ deliveryDays: days(event.currentTarget.value) })}
      />
      <NativeSelect
        label="But no more than"
        description="When there are more, those of the oldest campaigns go"
        value={value.deliveries}
        data={amountsWith(value.deliveries).map((amount) => ({
          value: String(amount),
          label: `${formatNumber(amount)} deliveries`,
        }))}
        onChange={(event) => change({ deliveries: Number(event.currentTarget.value) })}
      />
      <NativeSelect
        label="Subscribers whose subscription ended"
        description="Until then they can be brought back; later they are new people when they come again"
        value={value.expiredDays ?? ''}
        data={options(value.expiredDays)}
        onChange={(event) => change({ expiredDays: days(event.currentTarget.value) })}
      />
      <p className="dim">
        Now: {formatCount(kept.deliveries, 'delivery', 'deliveries')} of{' '}
        {formatCount(kept.campaigns, 'campaign', 'campaigns')}. The database takes {megabytes(kept.bytes)}
        {kept.freeBytes > 1_000_000 && `, of which ${megabytes(kept.freeBytes)} are free for what comes`}.
      </p>
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
    </Section>
  );
}
