import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconArrowMerge, IconDots, IconPencil, IconTrash, IconTypography } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { AttributeChange, AttributeInUse, ChangedAttribute } from '../../main/contract/attributes.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { Screen } from '../frame/screen.tsx';
import { useSite } from '../frame/site.tsx';
import { toastError } from '../frame/toasts.tsx';
import { formatNumber, people } from '../parts/format.ts';
import { EmptyState, ErrorState, Skeleton } from '../parts/states.tsx';
import { Num, Time } from '../parts/values.tsx';
import classes from './attributes.module.css';
import { ChangeDialog } from './change-dialog.tsx';
import { changeWords, kindsWords } from './words.ts';

const icon = { size: 16, stroke: 1.5 } as const;
export type Doing = { what: AttributeChange['do']; name: string };

function Row({ one, others, onDo }: RowProps) {
  const site = useSite();
  const item = (what: Doing['what']) => () => onDo({ what, name: one.name });
  return (
    <li>
      <div className={classes['name']}>
        <Link
          to="/sites/$site/segments/$segment"
          params={{ site: site.id, segment: 'new' }}
          search={{ matching: JSON.stringify({ attribute: one.name, known: true }) }}
          title="Begin a segment with it"
          dir="auto"
        >
          {one.name}
        </Link>
        <p className="dim small">{kindsWords(one)}</p>
      </div>
      <span className={classes['people']}>
        <Num value={one.people} />
      </span>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <ActionIcon aria-label={`Change ${one.name}`}>
            <IconDots {...icon} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil {...icon} />} onClick={item('rename')}>
            Rename…
          </Menu.Item>
          <Menu.Item
            leftSection={<IconArrowMerge {...icon} />}
            disabled={others === 0}
            onClick={item('merge')}
          >
            Merge into another…
          </Menu.Item>
          <Menu.Item leftSection={<IconTypography {...icon} />} onClick={item('retype')}>
            Change the type…
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<IconTrash {...icon} />} onClick={item('remove')}>
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}
interface RowProps {
  one: AttributeInUse;
  others: number;
  onDo: (doing: Doing) => void;
}

const states: Partial<Record<ChangedAttribute['state'], string>> = {
  running: 'Under way',
  undoing: 'Being taken back',
  undone: 'Taken back',
};

function Change({ one }: { one: ChangedAttribute }) {
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const undo = useMutation({
    mutationFn: () => client.attributes.undo({ id: one.id }),
    onError: (error) => toastError('It was not taken back', error),
    onSettled: () => queries.invalidateQueries({ queryKey: api.attributes.key() }),
  });
  return (
    <li>
      <div className={classes['name']}>
        <span dir="auto">{changeWords(one.change)}</span>
        <p className="dim small">
          {one.state !== 'undone' && `${people(one.people)} · `}
          <Time at={one.at} />
        </p>
      </div>
      {one.state !== 'done' ? (
        <span className="dim">{states[one.state]}</span>
      ) : (
        one.undoUntil !== null && (
          <Button variant="default" size="compact-sm" loading={undo.isPending} onClick={() => undo.mutate()}>
            Undo
          </Button>
        )
      )}
    </li>
  );
}

/** The attributes that a site's people have: what they are called and are, and how to tidy them. */
export function Attributes(): ReactNode {
  const site = useSite();
  const api = useApi();
  const [doing, setDoing] = useState<Doing | null>(null);
  const found = useQuery(api.attributes.list.queryOptions({ input: { site: site.id } }));
  const items = found.data?.items ?? [];
  const changes = found.data?.changes ?? [];
  const trail = [
    <Link key="segments" to="/sites/$site/segments" params={{ site: site.id }}>
      Segments
    </Link>,
  ];
  return (
    <Screen title="Attributes" trail={trail}>
      {found.isPending && <Skeleton />}
      {found.error && <ErrorState error={found.error} onRetry={() => void found.refetch()} />}
      {found.data && items.length === 0 && changes.length === 0 && (
        <EmptyState title="No attributes yet">
          An attribute is something that your site knows of a person: a plan, a number of visits, a birthday.
          They come from the client script, the REST API or an import, and show here by themselves.
        </EmptyState>
      )}
      <div className={classes['attributes']}>
        {items.length > 0 && (
          <section aria-labelledby="attributes-title">
            <div className={classes['head']}>
              <h2 id="attributes-title">{formatNumber(items.length)} in use</h2>
              <span className="dim small">People, whoever left too</span>
            </div>
            <ul>
              {items.map((one) => (
                <Row key={one.name} one={one} others={items.length - 1} onDo={setDoing} />
              ))}
            </ul>
          </section>
        )}
        {changes.length > 0 && (
          <section>
            <h2>What was changed</h2>
            <ul>
              {changes.map((one) => (
                <Change key={one.id} one={one} />
              ))}
            </ul>
            <p className="dim small">
              For 30 days each can be undone: everyone has again what they had, unless they were given
              something else since.
            </p>
          </section>
        )}
      </div>
      <ChangeDialog
        key={doing ? `${doing.what} ${doing.name}` : ''}
        doing={doing}
        all={items}
        onClose={() => setDoing(null)}
      />
    </Screen>
  );
}
