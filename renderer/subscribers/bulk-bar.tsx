import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconDots, IconTag, IconTagOff, IconTrash, IconUserMinus, IconX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { BulkAction } from '../../main/contract/changes.ts';
import { ExportMenu } from '../export/export-menu.tsx';
import { useClient } from '../frame/api.tsx';
import { useConfirm } from '../frame/confirm.tsx';
import { useSite } from '../frame/site.tsx';
import { toastError } from '../frame/toasts.tsx';
import { formatNumber, people } from '../parts/format.ts';
import type { Selection } from '../parts/selection.ts';
import { AttributeDialog } from './attribute-dialog.tsx';
import classes from './bulk.module.css';
import { EraseDialog } from './erase-dialog.tsx';
import { meantBy, type Narrowed } from './meant.ts';
import { TagDialog } from './tag-dialog.tsx';

interface Props {
  selection: Selection;
  narrowed: Narrowed;
  /** How many the list has, once that is known. */
  total: number | undefined;
}
type Dialog = 'addTag' | 'removeTag' | 'attribute' | 'erase';

/** Who is chosen, in words. */
function chosenWords({ chosen }: Selection, count: number | undefined, total: number | undefined): string {
  if (!chosen.all) return `${formatNumber(chosen.ids.size)} selected`;
  if (count === undefined || total === undefined) return 'Everyone who matches';
  return chosen.ids.size === 0
    ? `All ${formatNumber(total)} that match`
    : `${formatNumber(count)} of the ${formatNumber(total)} that match`;
}

/** What can be done with those who are chosen in the list. */
export function BulkBar({ selection, narrowed, total }: Props) {
  const site = useSite();
  const client = useClient();
  const confirm = useConfirm();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const count = selection.count(total);
  const who = count === undefined ? 'everyone who matches' : people(count);
  const begin = useMutation({
    mutationFn: (action: BulkAction) =>
      client.changes.start({
        site: site.id,
        who: meantBy(selection, narrowed),
        action,
        ...('erase' in action && { people: count }),
      }),
    onError: (error) => toastError('Nothing was changed', error),
  });
  const act = (action: BulkAction) => {
    setDialog(null);
    begin.mutate(action);
  };
  const askRemove = async () => {
    const yes = await confirm({
      title: `Remove ${who}?`,
      body: 'They get nothing any more, and their records stay. For 7 days this can be taken back.',
      action: count === undefined ? 'Remove them' : `Remove ${people(count)}`,
      danger: true,
    });
    if (yes) act({ remove: true });
  };
  const { all, ids } = selection.chosen;
  const named = [...ids];
  // an address has no room for everyone; the pieces of an export ask with a body
  const query = {
    what: 'subscribers' as const,
    site: site.id,
    ...(all ? { ...narrowed, ...(named.length > 0 && { except: named }) } : { subscribers: named }),
  };
  const close = () => setDialog(null);
  return (
    <section className={classes['bar']} aria-label="Selection" data-bottom-bar>
      <p className={classes['count']} aria-live="polite">
        {chosenWords(selection, count, total)}
      </p>
      <Button
        variant="default"
        leftSection={<IconTag size={15} stroke={1.5} />}
        onClick={() => setDialog('addTag')}
      >
        Add tag
      </Button>
      <Button
        variant="default"
        leftSection={<IconTagOff size={15} stroke={1.5} />}
        onClick={() => setDialog('removeTag')}
      >
        Take tag away
      </Button>
      <Button variant="default" onClick={() => setDialog('attribute')}>
        Set attribute
      </Button>
      <ExportMenu query={query} name={`${site.name} subscribers`} count={count} />
      <Menu position="top-end" width={200}>
        <Menu.Target>
          <ActionIcon aria-label="More for those who are selected">
            <IconDots size={17} stroke={1.5} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconUserMinus size={15} stroke={1.5} />} onClick={() => void askRemove()}>
            Remove…
          </Menu.Item>
          <Menu.Item
            color="red"
            disabled={count === undefined}
            leftSection={<IconTrash size={15} stroke={1.5} />}
            onClick={() => setDialog('erase')}
          >
            Erase for good…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ActionIcon className={classes['clear']} aria-label="Select nobody (Esc)" onClick={selection.clear}>
        <IconX size={15} stroke={1.5} />
      </ActionIcon>
      {(dialog === 'addTag' || dialog === 'removeTag') && (
        <TagDialog who={who} adds={dialog === 'addTag'} onClose={close} onDo={act} />
      )}
      {dialog === 'attribute' && <AttributeDialog who={who} onClose={close} onDo={act} />}
      {dialog === 'erase' && count !== undefined && (
        <EraseDialog count={count} onClose={close} onDo={() => act({ erase: true })} />
      )}
    </section>
  );
}
