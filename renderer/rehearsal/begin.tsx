import { Button, SegmentedControl } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useApi, useClient } from '../frame/api.tsx';
import { useRehearsal } from '../frame/use-rehearsal.ts';
import { sentence } from '../parts/errors.ts';
import { formatNumber, people } from '../parts/format.ts';
import { Note } from '../parts/states.tsx';
import { RehearsalProgress } from './progress.tsx';
import classes from './rehearsal.module.css';
import { useRehearsalEnd } from './use-rehearsal-end.ts';

const sizes = [500, 2000, 20_000];

/** The way in without a website: a practice site with simulated people, made while one watches. */
export function BeginRehearsal() {
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const rehearsal = useRehearsal();
  const [size, setSize] = useState(2000);
  const [awaited, setAwaited] = useState(false);
  const end = useRehearsalEnd();
  const begin = useMutation({
    mutationFn: () => client.rehearsal.start({ people: size }),
    onSuccess: (fresh) => {
      queries.setQueryData(api.rehearsal.get.queryKey(), fresh);
      setAwaited(true);
    },
    onError: () => void queries.invalidateQueries({ queryKey: api.rehearsal.key() }),
  });
  const { state, site, problem } = rehearsal.data ?? { state: 'none', site: null, problem: null };

  useEffect(() => {
    if (!awaited || state !== 'ready' || site === null) return;
    let left = false;
    // the screen of a site is there once the list of sites has it
    void queries.refetchQueries({ queryKey: api.sites.list.key() }).then(() => {
      if (!left) void navigate({ to: '/sites/$site', params: { site } });
    });
    return () => {
      left = true;
    };
  }, [awaited, state, site, queries, api, navigate]);

  return (
    <section className={classes['begin']} aria-labelledby="begin-rehearsal">
      <h2 id="begin-rehearsal">Try it with a rehearsal</h2>
      <p className="dim">
        A practice site with simulated people, with campaigns behind them, and push services of Belfry’s own.
        Send whatever you like: nothing leaves this machine, and it can be removed without a trace.
      </p>
      {problem && <Note tone="bad">{problem}</Note>}
      {begin.error && <Note tone="bad">{sentence(begin.error)}</Note>}
      {state === 'none' && (
        <>
          <div className={classes['sizes']}>
            <span id="rehearsal-size">How many people?</span>
            <SegmentedControl
              aria-labelledby="rehearsal-size"
              value={String(size)}
              data={sizes.map((many) => ({ value: String(many), label: formatNumber(many) }))}
              onChange={(many) => setSize(Number(many))}
            />
          </div>
          <Button
            className={classes['start']}
            size="sm"
            loading={begin.isPending || rehearsal.isPending}
            onClick={() => begin.mutate()}
          >
            Start a rehearsal
          </Button>
        </>
      )}
      {rehearsal.data && (state === 'making' || state === 'removing') && (
        <div role="status">
          <p>
            {state === 'making'
              ? `${people(rehearsal.data.people)} are being made.`
              : 'The practice site is being removed.'}
          </p>
          <RehearsalProgress rehearsal={rehearsal.data} />
          {state === 'making' && (
            <Button
              variant="default"
              loading={end.isPending}
              onClick={() => {
                setAwaited(false);
                end.mutate();
              }}
            >
              Cancel
            </Button>
          )}
        </div>
      )}
      {rehearsal.data && state === 'ready' && site !== null && (
        <>
          <p>There is a practice site with {people(rehearsal.data.people)} already.</p>
          <Button
            className={classes['start']}
            size="sm"
            onClick={() => void navigate({ to: '/sites/$site', params: { site } })}
          >
            Open the practice site
          </Button>
        </>
      )}
    </section>
  );
}
