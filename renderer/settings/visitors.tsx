import { TagsInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useSite } from '../frame/site.tsx';
import { SaveRow, Section } from './section.tsx';
import { useSiteUpdate } from './use-site-update.ts';

/** What visitors' browsers may say about themselves, and where the worker is. */
export function Visitors() {
  const { settings } = useSite();
  const stored = {
    visitorTags: settings.visitorTags,
    visitorAttributes: settings.visitorAttributes,
    workerPath: settings.workerPath,
  };
  const [typed, setTyped] = useState(stored);
  const update = useSiteUpdate();
  return (
    <Section
      title="Visitors"
      about="A browser is not to be trusted: it may set only the tags and attributes named here, and the topics of “Ways to ask”. Your server, with an API key, may set any."
    >
      <TagsInput
        label="Tags that a browser may set"
        placeholder={typed.visitorTags.length === 0 ? 'none; type one and press Enter' : undefined}
        value={typed.visitorTags}
        onChange={(visitorTags) => setTyped({ ...typed, visitorTags })}
      />
      <TagsInput
        label="Attributes that a browser may set"
        placeholder={typed.visitorAttributes.length === 0 ? 'none; type one and press Enter' : undefined}
        value={typed.visitorAttributes}
        onChange={(visitorAttributes) => setTyped({ ...typed, visitorAttributes })}
      />
      <TextInput
        label="Path of the service worker"
        description="Where your site serves the worker’s file, from its root"
        value={typed.workerPath}
        onChange={(event) => setTyped({ ...typed, workerPath: event.currentTarget.value })}
      />
      <SaveRow
        changed={JSON.stringify(typed) !== JSON.stringify(stored)}
        saving={update.isPending}
        error={update.error}
        onSave={() => update.mutate({ settings: typed })}
        onReset={() => {
          update.reset();
          setTyped(stored);
        }}
      />
    </Section>
  );
}
