import { Button, Group, Modal, NativeSelect, Radio, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { AttributeChange, AttributeInUse, RetypeKind } from '../../main/contract/attributes.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { useSite } from '../frame/site.tsx';
import { sentence } from '../parts/errors.ts';
import { people } from '../parts/format.ts';
import { Note } from '../parts/states.tsx';
import classes from './attributes.module.css';
import type { Doing } from './attributes.tsx';
import { Consequences } from './consequences.tsx';
import { retypeWords } from './words.ts';

const titles = { rename: 'Rename', merge: 'Merge', retype: 'Change the type of', remove: 'Delete' } as const;
const acts = {
  rename: 'Rename it',
  merge: 'Merge them',
  retype: 'Change the type',
  remove: 'Delete it',
} as const;

interface Said {
  to: string;
  into: string;
  prefer: string;
  kind: RetypeKind;
}

/** What was said so far as a change; null while something is missing. */
function changeOf({ what, name }: Doing, said: Said): AttributeChange | null {
  if (what === 'remove') return { do: 'remove', name };
  if (what === 'retype') return { do: 'retype', name, kind: said.kind };
  if (what === 'merge')
    return said.into === '' ? null : { do: 'merge', name, into: said.into, prefer: said.prefer || said.into };
  const to = said.to.trim();
  return to === '' || to === name ? null : { do: 'rename', name, to };
}

/** What a type is most often changed to. */
const usualKind = (one: AttributeInUse | undefined): RetypeKind =>
  one?.kinds.includes('text') ? 'number' : 'text';

/** Asks how an attribute is to be changed, and says what that would do before it is done. */
export function ChangeDialog({ doing, all, onClose }: DialogProps): ReactNode {
  const site = useSite();
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const others = all.map(({ name }) => name).filter((name) => name !== doing?.name);
  const [said, setSaid] = useState<Said>({
    to: doing?.name ?? '',
    into: others[0] ?? '',
    prefer: '',
    kind: usualKind(all.find((one) => one.name === doing?.name)),
  });
  const change = doing && changeOf(doing, said);
  const [asked] = useDebouncedValue(change, 150);
  const preview = useQuery({
    ...api.attributes.preview.queryOptions({
      input: { site: site.id, change: asked ?? { do: 'remove', name: 'x' } },
    }),
    enabled: asked !== null,
  });
  const run = useMutation({
    mutationFn: (wanted: AttributeChange) => client.attributes.change({ site: site.id, change: wanted }),
    onSuccess: () => onClose(),
    onSettled: () => queries.invalidateQueries({ queryKey: api.attributes.key() }),
  });
  if (doing === null) return null;
  const { what, name } = doing;
  const taken = what === 'rename' && change?.do === 'rename' && others.includes(change.to);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (change !== null && !taken) run.mutate(change);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={`${titles[what]} “${name}”`}
      size={460}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form className={classes['form']} onSubmit={submit}>
        {what === 'rename' && (
          <TextInput
            label="New name"
            data-autofocus
            maxLength={64}
            spellCheck={false}
            value={said.to}
            error={taken && 'There is one of that name already. Merge the two instead.'}
            onChange={(event) => setSaid({ ...said, to: event.currentTarget.value })}
          />
        )}
        {what === 'merge' && (
          <>
            <NativeSelect
              label="Into"
              data-autofocus
              data={others}
              value={said.into}
              onChange={(event) => setSaid({ ...said, into: event.currentTarget.value, prefer: '' })}
            />
            <Radio.Group
              label="Whoever has both keeps"
              value={said.prefer || said.into}
              onChange={(prefer) => setSaid({ ...said, prefer })}
            >
              <div className={classes['choices']}>
                <Radio value={said.into} label={`the value of “${said.into}”`} />
                <Radio value={name} label={`the value of “${name}”`} />
              </div>
            </Radio.Group>
          </>
        )}
        {what === 'retype' && (
          <NativeSelect
            label="Type"
            data-autofocus
            description={retypeWords[said.kind][1]}
            data={Object.entries(retypeWords).map(([value, [label]]) => ({ value, label }))}
            value={said.kind}
            onChange={(event) => setSaid({ ...said, kind: event.currentTarget.value as RetypeKind })}
          />
        )}
        {change !== null && !taken && <Consequences change={change} preview={preview.data} />}
        {preview.error && <Note tone="bad">{sentence(preview.error)}</Note>}
        {run.error && <Note tone="bad">{sentence(run.error)}</Note>}
        <Group justify="flex-end">
          <Button variant="default" size="sm" onClick={onClose}>
            Not now
          </Button>
          <Button
            type="submit"
            size="sm"
            color={what === 'remove' ? 'red' : 'patina'}
            loading={run.isPending}
            disabled={change === null || taken}
            data-autofocus={what === 'remove' || undefined}
          >
            {what === 'remove' && preview.data ? `Delete it from ${people(preview.data.people)}` : acts[what]}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
interface DialogProps {
  doing: Doing | null;
  all: AttributeInUse[];
  onClose: () => void;
}
