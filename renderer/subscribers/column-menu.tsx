import { ActionIcon, Button, Checkbox, Popover } from '@mantine/core';
import { IconColumns3 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../frame/api.tsx';
import { usePreferences } from '../frame/preferences.tsx';
import { useSite } from '../frame/site.tsx';
import classes from './bulk.module.css';
import { attributeColumn, columnNames, usualColumns } from './columns.tsx';

/** The columns that were chosen for a site's list, kept in this browser. */
export function useChosenColumns(site: string) {
  const { preferences, change } = usePreferences();
  return {
    chosen: preferences.columns[site] ?? usualColumns,
    choose: (ids: string[] | null) => {
      const { [site]: _, ...others } = preferences.columns;
      change({ columns: ids === null ? others : { ...others, [site]: ids } });
    },
  };
}

/** Says which columns the list has: what is always known, and the site's own attributes. */
export function ColumnMenu() {
  const api = useApi();
  const site = useSite();
  const [opened, setOpened] = useState(false);
  const { chosen, choose } = useChosenColumns(site.id);
  const attributes = useQuery(
    api.segments.attributes.queryOptions({ input: { site: site.id }, enabled: opened }),
  );
  const names = attributes.data?.items.map(({ name }) => name) ?? [];
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={240} trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon aria-label="Choose columns" onClick={() => setOpened(!opened)}>
          <IconColumns3 size={17} stroke={1.5} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className={classes['columns']} aria-label="Columns">
        <Checkbox.Group value={[...chosen]} onChange={choose} aria-label="Columns of this site’s list">
          <div>
            {columnNames.map(({ id, header }) => (
              <Checkbox key={id} value={id} label={header} />
            ))}
            {names.length > 0 && <h2>Attributes</h2>}
            {names.map((name) => (
              <Checkbox key={name} value={attributeColumn(name)} label={<span dir="auto">{name}</span>} />
            ))}
          </div>
        </Checkbox.Group>
        <p className="dim small">Where there is too little room, some of them are left out.</p>
        <Button variant="subtle" size="compact-sm" onClick={() => choose(null)}>
          The usual ones
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}
