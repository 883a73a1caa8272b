import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, skipToken, useQuery } from '@tanstack/react-query';
import type { Audience } from '../../main/contract/campaigns.ts';
import type { Message } from '../../main/contract/messages.ts';
import { useApi } from '../frame/api.tsx';
import { sentence } from '../parts/errors.ts';
import { formatNumber, people } from '../parts/format.ts';
import classes from './compose.module.css';

/** Asks the core what would happen with this message, a moment after the last change. */
export function useCheck(site: string, message: Message, audience: Audience | null, ready: boolean) {
  const api = useApi();
  const input = ready && audience !== null ? JSON.stringify({ site, message, audience }) : null;
  const [settled] = useDebouncedValue(input, 200);
  const query = useQuery(
    api.campaigns.check.queryOptions({
      input: settled === null ? skipToken : (JSON.parse(settled) as CheckInput),
      placeholderData: keepPreviousData,
      staleTime: 5000,
    }),
  );
  return { ...query, settled: settled === input };
}
interface CheckInput {
  site: string;
  message: Message;
  audience: Audience;
}

/** What would happen: how many people, how large, and what a push service may object to. */
export function CheckLine({ check, hint, capped }: Props) {
  const { data, error } = check;
  if (hint) return <p className={classes['check']}>{hint}</p>;
  if (error)
    return (
      <p className={classes['check']} data-tone="bad">
        {sentence(error)}
      </p>
    );
  if (!data) return <p className={classes['check']} />;
  const tooLarge = data.payloadBytes > data.maxPayloadBytes;
  return (
    <p className={classes['check']}>
      <strong>{people(data.people)}</strong>
      {capped !== undefined && capped > 0 && `, of whom ${formatNumber(capped)} will be skipped`}
      {' · '}
      <span data-tone={tooLarge ? 'bad' : undefined}>
        {formatNumber(data.payloadBytes)} of {formatNumber(data.maxPayloadBytes)} bytes
        {tooLarge && ': too large for push services, shorten the text'}
      </span>
    </p>
  );
}
interface Props {
  check: ReturnType<typeof useCheck>;
  hint: string | undefined;
  /** How many of them the site's frequency cap spares, once that is known. */
  capped: number | undefined;
}
