import { Button, NumberInput, SegmentedControl } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useApi, useClient } from '../frame/api.tsx';
import { useRehearsal } from '../frame/use-rehearsal.ts';
import { sentence } from '../parts/errors.ts';
import { formatDuration, formatNumber, people } from '../parts/format.ts';
import { Note } from '../parts/states.tsx';
import { RehearsalProgress } from './progress.tsx';
import classes from './rehearsal.module.css';
import { useRehearsalEnd } from './use-rehearsal-end.ts';

const sizes = [500, 2000, 20_000];
const fewest = 10;
const most = 1_000_000;
/** From so many on, the making is worth a word before. */
const aLot = 100_000;

/** The way in without a website: a practice site with simulated people, made while one watches. */
export function BeginRehearsal() {
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const rehearsal = useRehearsal();
  const [chosen, setChosen] = useState(2000);
  const [typed, setTyped] = useState<number | string>(aLot);
  const [own, setOwn] = useState(false);
  const size = own ? Math.min(most, Math.max(fewest, Number(typed) || fewest)) : chosen;
  const [seed, setSeed] = useState<number | null>(null);
  const [awaited, setAwaited] = useState(false);
  const end = useRehearsalEnd();
  const begin = useMutation({
    mutationFn: () => client.rehearsal.start({ people: size, ...(own && seed !== null && { seed }) }),
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
              value={own ? 'own' : String(size)}
              data={[
                ...sizes.map((many) => ({ value: String(many), label: formatNumber(many) })),
                { value: 'own', label: 'Other' },
              ]}
              onChange={(value) => {
                setOwn(value === 'own');
                if (value !== 'own') setChosen(Number(value));
              }}
            />
          </div>
          {own && (
            <div className={classes['own']}>
              <NumberInput
                size="xs"
                label="People"
                description={`From ${formatNumber(fewest)} to ${formatNumber(most)}`}
                value={typed}
                min={fewest}
                max={most}
                allowDecimal={false}
                thousandSeparator={'\u202f'}
                hideControls
                onChange={setTyped}
              />
              <NumberInput
                size="xs"
                label="Seed"
                description="Same seed, same people"
                placeholder="any"
                value={seed ?? ''}
                min={0}
                max={0x7fff_ffff}
                allowDecimal={false}
                hideControls
                onChange={(value) => setSeed(value === '' ? null : Number(value))}
              />
            </div>
          )}
          {own && size >= aLot && (
            <p className="dim small">
              With a past of twelve campaigns that takes {formatDuration(size / 8000)} or more, and about{' '}
              {formatNumber(size / 1000)} MB on the disk while it is there. You can go on meanwhile.
            </p>
          )}
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
        <div>
          <p role="status">
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
