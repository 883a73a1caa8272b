import { Switch, Textarea, TextInput } from '@mantine/core';
import type { PromptWelcome } from '../../main/contract/prompts.ts';
import { languageName } from './draft.ts';
import { Group } from './group.tsx';
import type { FieldsProps } from './prompts.tsx';

/** The notification that somebody sees right after subscribing. */
export function WelcomeFields({ prompt, language, onChange }: FieldsProps) {
  const { welcome } = prompt;
  const text = welcome?.texts[language] ?? { title: '', body: '' };
  const other = welcome ? Object.values(welcome.texts).find(({ title }) => title !== '') : undefined;
  const set = (some: Partial<PromptWelcome>) =>
    onChange({ welcome: { ...(welcome ?? { texts: {} }), ...some } });
  const write = (some: Partial<typeof text>) =>
    set({ texts: { ...welcome?.texts, [language]: { ...text, ...some } } });
  return (
    <Group
      title="Welcome"
      about="A first notification, shown by the page itself as soon as somebody has subscribed. It is not sent, and counts in no campaign."
    >
      <Switch
        label="Say welcome"
        checked={welcome !== null}
        onChange={(event) => onChange({ welcome: event.currentTarget.checked ? { texts: {} } : null })}
      />
      {welcome && (
        <>
          <TextInput
            label={`Title, in ${languageName(language)}`}
            dir="auto"
            maxLength={200}
            placeholder={other?.title ?? 'Welcome'}
            value={text.title}
            onChange={(event) => write({ title: event.currentTarget.value })}
          />
          <Textarea
            label={`Text, in ${languageName(language)}`}
            dir="auto"
            autosize
            minRows={2}
            maxLength={500}
            placeholder={other?.body ?? ''}
            value={text.body}
            onChange={(event) => write({ body: event.currentTarget.value })}
          />
          <TextInput
            label="Opens"
            type="url"
            placeholder="the first page of the site"
            value={welcome.url ?? ''}
            onChange={(event) => set({ url: event.currentTarget.value || undefined })}
          />
        </>
      )}
    </Group>
  );
}
