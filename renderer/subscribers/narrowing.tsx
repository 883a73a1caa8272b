import { Button, Select } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { expressionWords } from '../../main/contract/expression-words.ts';
import { useSite } from '../frame/site.tsx';
import { readExpression } from '../segments/draft.ts';
import { ExpressionDialog } from '../segments/expression-dialog.tsx';
import { useNames, useSegments } from '../segments/use-names.ts';
import classes from './subscriber.module.css';

const from = '/sites/$site/subscribers';

/** Narrows the list to a segment. */
export function SegmentFilter() {
  const site = useSite();
  const navigate = useNavigate({ from });
  const { segment } = useSearch({ from });
  const segments = useSegments(site.id);
  if (!segments.data || (segments.data.items.length === 0 && segment === undefined)) return null;
  return (
    <Select
      className={classes['segment']}
      size="xs"
      aria-label="Segment"
      placeholder="Any segment"
      searchable
      clearable
      clearButtonProps={{ 'aria-label': 'Any segment' }}
      nothingFoundMessage="There is none of that name."
      value={segment ?? null}
      data={segments.data.items.map(({ id, name }) => ({ value: id, label: name }))}
      onChange={(id) => void navigate({ search: (before) => ({ ...before, segment: id ?? undefined }) })}
    />
  );
}

/** Narrows the list to what is built: “Filter…” in the toolbar, “Change…” where one is in force. */
export function FilterButton({ change = false }: { change?: boolean }) {
  const navigate = useNavigate({ from });
  const { matching } = useSearch({ from });
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button
        variant={change ? 'subtle' : 'default'}
        size={change ? 'compact-sm' : 'xs'}
        leftSection={change ? null : <IconFilter size={15} stroke={1.5} />}
        onClick={() => setOpened(true)}
      >
        {change ? 'Change…' : 'Filter'}
      </Button>
      {opened && (
        <ExpressionDialog
          title="Show only people of whom"
          action="Show them"
          begun={readExpression(matching)}
          onClose={() => setOpened(false)}
          onBuilt={(expression) => {
            setOpened(false);
            void navigate({ search: (before) => ({ ...before, matching: JSON.stringify(expression) }) });
          }}
        />
      )}
    </>
  );
}

/** What the list is narrowed to by the address, in words, and what can be done with it. */
export function MatchingLine() {
  const site = useSite();
  const navigate = useNavigate({ from });
  const { matching } = useSearch({ from });
  const names = useNames(site.id);
  if (matching === undefined) return null;
  const expression = readExpression(matching);
  return (
    <div className={classes['matching']}>
      <p dir="auto">
        {expression
          ? expressionWords(expression, names)
          : 'The address holds something that is no expression.'}
      </p>
      {expression && <FilterButton change />}
      {expression && (
        <Link
          to="/sites/$site/segments/$segment"
          params={{ site: site.id, segment: 'new' }}
          search={{ matching }}
        >
          Make it a segment
        </Link>
      )}
      <Button
        variant="subtle"
        size="compact-sm"
        onClick={() => void navigate({ search: (before) => ({ ...before, matching: undefined }) })}
      >
        Show everyone
      </Button>
    </div>
  );
}
