import { Autocomplete, Button, Group, Modal, Select, TagsInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { BulkAction } from '../../main/contract/changes.ts';
import type { AttributeKind } from '../../main/contract/segments.ts';
import type { AttributeValue } from '../../main/contract/subscribers.ts';
import { useApi } from '../frame/api.tsx';
import { useSite } from '../frame/site.tsx';

type Kind = 'text' | 'number' | 'boolean' | 'list' | 'none';
const kinds: { value: Kind; label: string }[] = [
  { value: 'text', label: 'Text, or a date' },
  { value: 'number', label: 'Number' },
  { value: 'boolean', label: 'Yes or no' },
  { value: 'list', label: 'List of texts' },
  { value: 'none', label: 'Nothing: clear it' },
];
const kindOf: Record<AttributeKind, Kind> = {
  text: 'text',
  number: 'number',
  boolean: 'boolean',
  date: 'text',
};

/** A number as it is typed: `12,5` and `12.5`. Null: it is none. */
function numberOf(text: string): number | null {
  const plain = text.trim().replace(',', '.');
  return /^[-+]?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
}

interface Props {
  who: string;
  onClose: () => void;
  onDo: (action: BulkAction) => void;
}

/** Asks which attribute many people get, and with which value. */
export function AttributeDialog({ who, onClose, onDo }: Props) {
  const api = useApi();
  const site = useSite();
  const known = useQuery(api.segments.attributes.queryOptions({ input: { site: site.id } }));
  const [name, setName] = useState('');
  const [chosenKind, setKind] = useState<Kind | null>(null);
  const [text, setText] = useState('');
  const [list, setList] = useState<string[]>([]);
  const usual = known.data?.items.find((one) => one.name === name)?.kinds[0];
  const kind = chosenKind ?? (usual === undefined ? 'text' : kindOf[usual]);
  const values: Record<Kind, AttributeValue | null | undefined> = {
    text: text === '' ? undefined : text,
    number: numberOf(text) ?? undefined,
    boolean: text === 'no' ? false : text === 'yes' ? true : undefined,
    list,
    none: null,
  };
  const value = values[kind];
  const problem =
    kind === 'number' && text.trim() !== '' && value === undefined ? 'That is no number.' : null;
  return (
    <Modal opened onClose={onClose} title="Set an attribute" withCloseButton={false} size={440}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name !== '' && value !== undefined) onDo({ attribute: name, value });
        }}
      >
        <Autocomplete
          label="Attribute"
          data-autofocus
          openOnFocus={false}
          size="sm"
          maxLength={64}
          value={name}
          onChange={setName}
          data={known.data?.items.map((one) => one.name) ?? []}
          maxDropdownHeight={220}
        />
        <Select
          label="What it holds"
          mt="md"
          size="sm"
          allowDeselect={false}
          value={kind}
          data={kinds}
          onChange={(next) => {
            setKind(next as Kind);
            setText('');
          }}
        />
        {(kind === 'text' || kind === 'number') && (
          <TextInput
            label="Value"
            mt="md"
            maxLength={kind === 'text' ? 1000 : 40}
            inputMode={kind === 'number' ? 'decimal' : 'text'}
            value={text}
            error={problem}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
        {kind === 'boolean' && (
          <Select
            label="Value"
            mt="md"
            size="sm"
            value={text || null}
            data={[
              { value: 'yes', label: 'Yes' },
              { value: 'no', label: 'No' },
            ]}
            onChange={(next) => setText(next ?? '')}
          />
        )}
        {kind === 'list' && (
          <TagsInput label="Values" mt="md" size="sm" maxTags={50} value={list} onChange={setList} />
        )}
        <Group justify="flex-end" mt="xl" gap="sm">
          <Button variant="default" size="sm" onClick={onClose}>
            Not now
          </Button>
          <Button size="sm" type="submit" disabled={name === '' || value === undefined}>
            {kind === 'none' ? `Clear it for ${who}` : `Set it for ${who}`}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
