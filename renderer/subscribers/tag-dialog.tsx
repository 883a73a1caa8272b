import { Autocomplete, Button, Group, Modal } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { BulkAction } from '../../main/contract/changes.ts';
import { useApi } from '../frame/api.tsx';
import { useSite } from '../frame/site.tsx';

interface Props {
  /** Whom it is about, in words: “3 people”. */
  who: string;
  adds: boolean;
  onClose: () => void;
  onDo: (action: BulkAction) => void;
}

/** Asks which tag many people get or lose. */
export function TagDialog({ who, adds, onClose, onDo }: Props) {
  const api = useApi();
  const site = useSite();
  const [tag, setTag] = useState('');
  const [search] = useDebouncedValue(tag, 120);
  const known = useQuery(
    api.segments.values.queryOptions({
      input: { site: site.id, search: search.trim() || undefined, limit: 20 },
      placeholderData: keepPreviousData,
    }),
  );
  const name = tag.trim();
  return (
    <Modal
      opened
      onClose={onClose}
      title={adds ? 'Add a tag' : 'Take a tag away'}
      withCloseButton={false}
      size={440}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name !== '') onDo(adds ? { addTag: name } : { removeTag: name });
        }}
      >
        <Autocomplete
          label="Tag"
          data-autofocus
          openOnFocus={false}
          size="sm"
          maxLength={64}
          value={tag}
          onChange={setTag}
          // the core has searched already
          filter={({ options }) => options}
          data={[...new Set(known.data?.items.map(({ value }) => String(value)))]}
          description={
            adds
              ? 'Who has it already keeps it. A tag that nobody has is made.'
              : 'Who does not have it is left alone.'
          }
        />
        <Group justify="flex-end" mt="xl" gap="sm">
          <Button variant="default" size="sm" onClick={onClose}>
            Not now
          </Button>
          <Button size="sm" type="submit" disabled={name === ''}>
            {adds ? `Add it to ${who}` : `Take it from ${who}`}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
