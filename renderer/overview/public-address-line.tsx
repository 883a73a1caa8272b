import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useApi } from '../frame/api.tsx';
import { useSite } from '../frame/site.tsx';
import { sentence } from '../parts/errors.ts';
import { Time } from '../parts/values.tsx';
import classes from './overview.module.css';

/** An answer younger than this is not asked for again when the overview opens. Milliseconds. */
const FRESH = 60_000;

/** Whether visitors can reach this site's public address: the last answer, and when it was. */
export function PublicAddressLine() {
  const site = useSite();
  const api = useApi();
  const check = useQuery(
    api.sites.check.queryOptions({
      input: { id: site.id, live: false },
      staleTime: FRESH,
      // kept as long as the console is open, to be shown until there is a newer one
      gcTime: Number.POSITIVE_INFINITY,
    }),
  );
  const { findings, checkedAt } = check.data ?? {};
  const wrong = findings?.filter(({ verdict }) => verdict === 'bad') ?? [];
  const [first] = wrong;
  const failed = check.error !== null;
  const tone = failed || first ? 'warn' : findings ? 'good' : 'quiet';
  return (
    <section className={classes['address']} aria-label="Public address" data-tone={tone}>
      {tone === 'warn' && <IconAlertTriangle size={16} stroke={1.5} aria-hidden />}
      {tone === 'good' && <IconCheck size={16} stroke={2} aria-hidden />}
      <p role="status">
        {failed && `The public address could not be checked. ${sentence(check.error)}`}
        {!failed && !findings && <span className="dim">Asking the public address as a visitor would…</span>}
        {!failed && first && (
          <>
            <strong>{first.what}:</strong> {first.detail}{' '}
            <Link to="/sites/$site/setup" params={{ site: site.id }}>
              What to do
            </Link>
          </>
        )}
        {!failed && findings && !first && (findings[0]?.detail ?? 'The public address answers.')}
      </p>
      {checkedAt && (
        <p className="dim">
          Checked <Time at={checkedAt} inline />
        </p>
      )}
      <Button
        size="compact-sm"
        variant="subtle"
        color="gray"
        loading={check.isFetching}
        onClick={() => void check.refetch()}
      >
        Check again
      </Button>
    </section>
  );
}
