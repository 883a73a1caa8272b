import { Button } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../frame/api.tsx';
import { CopyLine } from '../parts/code-block.tsx';
import { sentence } from '../parts/errors.ts';
import { Note } from '../parts/states.tsx';
import { Time } from '../parts/values.tsx';
import classes from './setup.module.css';

/** Whether visitors can reach Belfry, and what to do when they cannot. */
export function PublicAddress({ url, site }: { url: string; site: string }) {
  const api = useApi();
  const check = useQuery(api.sites.check.queryOptions({ input: { id: site }, enabled: false, retry: false }));
  const findings = check.data?.findings ?? [];
  return (
    <>
      <p className="dim">
        Visitors’ browsers must reach Belfry at this address, over https unless it is this machine. The check
        asks it just as a browser would.
      </p>
      <div className={classes['try']}>
        <Button variant="default" loading={check.isFetching} onClick={() => void check.refetch()}>
          {check.data ? 'Check again' : 'Check it'}
        </Button>
        <CopyLine text={url} label="the public address" />
      </div>
      {check.error && <Note tone="bad">{sentence(check.error)}</Note>}
      <div role="status">
        {findings.length > 0 && (
          <ul className={classes['findings']}>
            {findings.map(({ what, ok, detail, remedy }) => (
              <li key={what} data-ok={ok || undefined}>
                {ok ? (
                  <IconCheck size={16} stroke={2} aria-label="Good" />
                ) : (
                  <IconX size={16} stroke={2} aria-label="Not good" />
                )}
                <div>
                  <strong>{what}</strong> <span className="dim">{detail}</span>
                  {remedy && <p>{remedy}</p>}
                </div>
              </li>
            ))}
          </ul>
        )}
        {check.data && (
          <p className="dim small">
            Checked <Time at={check.data.checkedAt} />
          </p>
        )}
      </div>
    </>
  );
}
