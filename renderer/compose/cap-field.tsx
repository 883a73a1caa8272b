import { Checkbox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, skipToken, useQuery } from '@tanstack/react-query';
import type { Audience } from '../../main/contract/campaigns.ts';
import type { FrequencyCap } from '../../main/contract/sites.ts';
import { useApi } from '../frame/api.tsx';
import { formatNumber } from '../parts/format.ts';
import classes from './compose.module.css';

export const hasCap = ({ perDay, perWeek }: FrequencyCap): boolean => perDay !== null || perWeek !== null;

/** Asks how many of an audience the site's cap would spare now; nothing while there is no cap, or nobody is chosen. */
export function useCapped(site: string, audience: Audience | null, wanted: boolean) {
  const api = useApi();
  const input = wanted && audience !== null ? JSON.stringify({ site, audience }) : null;
  const [settled] = useDebouncedValue(input, 200);
  const query = useQuery(
    api.campaigns.checkCap.queryOptions({
      input: settled === null ? skipToken : (JSON.parse(settled) as { site: string; audience: Audience }),
      placeholderData: keepPreviousData,
      staleTime: 5000,
    }),
  );
  return input === null ? undefined : query.data?.skipped;
}

/** The cap in a few words: “1 in 24 hours and 3 in 7 days”. */
const capWords = ({ perDay, perWeek }: FrequencyCap) =>
  [
    perDay !== null && `${formatNumber(perDay)} in 24 hours`,
    perWeek !== null && `${formatNumber(perWeek)} in 7 days`,
  ]
    .filter(Boolean)
    .join(' and ');

/** Whether a campaign goes also to those who have had as many as the site's cap allows. */
export function CapField({ cap, ignored, onChange }: Props) {
  return (
    <fieldset className={classes['audience']}>
      <legend>How often</legend>
      <Checkbox
        size="xs"
        label="Also to those who have had as many as the site allows"
        description={`Otherwise they are skipped: the settings allow a person ${capWords(cap)}`}
        checked={ignored}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </fieldset>
  );
}
interface Props {
  cap: FrequencyCap;
  ignored: boolean;
  onChange: (ignored: boolean) => void;
}
