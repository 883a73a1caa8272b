import { Button, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Finding, Site } from '../../main/contract/sites.ts';
import { useClient } from '../frame/api.tsx';
import { CodeBlock, CopyButton, CopyLine } from '../parts/code-block.tsx';
import { explain, sentence } from '../parts/errors.ts';
import { Note } from '../parts/states.tsx';
import { Time } from '../parts/values.tsx';
import classes from './setup.module.css';

/** Looks at the live site and the public address, and says what stands in the way and what to do. */
export function SiteCheck({ url, site }: { url: string; site: Site }) {
  const client = useClient();
  const [page, setPage] = useState('');
  const check = useMutation({
    mutationFn: (path: string) => client.sites.check({ id: site.id, ...(path && { page: path }) }),
  });
  const findings = check.data?.findings ?? [];
  const field = explain(check.error).fields[0]?.detail;
  return (
    <>
      <p className="dim">
        Belfry opens your site and its own public address as a visitor’s browser would, and looks at
        everything that has to fit together. It needs a few seconds, and changes nothing.
      </p>
      <CopyLine text={url} label="the public address" />
      <form
        className={classes['try']}
        onSubmit={(event) => {
          event.preventDefault();
          check.mutate(page.trim());
        }}
      >
        <TextInput
          className={classes['path']}
          label="Page that has the script"
          placeholder="/"
          value={page}
          maxLength={500}
          error={check.error && field}
          onChange={(event) => setPage(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={check.isPending}>
          {check.data ? 'Check again' : 'Check the site'}
        </Button>
      </form>
      {check.error && !field && <Note tone="bad">{sentence(check.error)}</Note>}
      <div role="status" className={classes['checked']}>
        {check.data && (
          <p className={classes['summary']}>
            <span>
              {summary(findings)}{' '}
              <span className="dim small">
                Checked <Time at={check.data.checkedAt} />
              </span>
            </span>
            {findings.some(({ verdict }) => verdict !== 'good') && (
              <CopyButton text={asText(findings)} label="Copy what to do" />
            )}
          </p>
        )}
      </div>
      {groups(findings).map(({ origin, items }) => (
        <section key={origin ?? ''} aria-label={origin ?? 'Public address'}>
          <h3 className={classes['origin']}>{origin ?? 'The public address'}</h3>
          <ul className={classes['findings']}>
            {items.map((finding) => (
              <Found key={finding.what + finding.detail} finding={finding} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

const marks = {
  good: <IconCheck size={16} stroke={2} aria-label="Good" />,
  unsure: <IconAlertTriangle size={16} stroke={1.75} aria-label="Look at it" />,
  bad: <IconX size={16} stroke={2} aria-label="Not good" />,
};

const Found = ({ finding: { origin, what, verdict, detail, remedy, snippet } }: { finding: Finding }) => (
  <li data-verdict={verdict}>
    {marks[verdict]}
    <div>
      <strong>{what}</strong> <span className="dim">{detail}</span>
      {remedy && <p>{remedy}</p>}
      {snippet && <CodeBlock label={`${what}, ${origin ?? 'public address'}: ${remedy}`} code={snippet} />}
    </div>
  </li>
);

const order = { bad: 0, unsure: 1, good: 2 };

/** What needs doing comes first: the origins that have such, and within each. */
function groups(findings: Finding[]) {
  const worst = (wanted: string | null) =>
    Math.min(...findings.filter(({ origin }) => origin === wanted).map(({ verdict }) => order[verdict]));
  const origins = [...new Set(findings.map(({ origin }) => origin))].sort(
    (a, b) => worst(a) - worst(b) || Number(a === null) - Number(b === null),
  );
  return origins.map((origin) => ({
    origin,
    items: findings
      .filter((finding) => finding.origin === origin)
      .toSorted((a, b) => order[a.verdict] - order[b.verdict]),
  }));
}

function summary(findings: Finding[]): string {
  const count = (verdict: Finding['verdict']) => findings.filter((one) => one.verdict === verdict).length;
  const [bad, unsure] = [count('bad'), count('unsure')];
  if (bad + unsure === 0) return 'Everything fits together.';
  const things = (number: number) => (number === 1 ? 'One thing' : `${number} things`);
  if (bad === 0) return `${things(unsure)} to look at; nothing that certainly stands in the way.`;
  const rest = unsure === 0 ? '' : `, and ${unsure === 1 ? 'one' : unsure} to look at`;
  return `${things(bad)} to mend${rest}.`;
}

/** For the person who has to mend it. */
const asText = (findings: Finding[]) =>
  groups(findings)
    .flatMap(({ origin, items }) => {
      const open = items.filter(({ verdict }) => verdict !== 'good');
      if (open.length === 0) return [];
      const lines = open.map(({ what, detail, remedy, snippet }) =>
        [`- ${what}: ${detail}`, remedy && `  ${remedy}`, snippet?.replace(/^/gm, '    ')]
          .filter(Boolean)
          .join('\n'),
      );
      return [`${origin ?? 'The public address'}\n${lines.join('\n')}`];
    })
    .join('\n\n');
