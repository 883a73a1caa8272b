import { ActionIcon, Button, Checkbox, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import type { PromptTopic } from '../../main/contract/prompts.ts';
import { languageName } from './draft.ts';
import { Group } from './group.tsx';
import classes from './prompts.module.css';
import type { FieldsProps } from './prompts.tsx';

/** What visitors may choose to hear about; each choice is kept as a tag. */
export function TopicFields({ prompt, language, onChange }: FieldsProps) {
  const { topics } = prompt;
  const set = (index: number, some: Partial<PromptTopic>) =>
    onChange({ topics: topics.map((topic, at) => (at === index ? { ...topic, ...some } : topic)) });
  return (
    <Group
      title="Topics"
      about="What somebody ticks is kept as tags, to write to them alone. A topic’s tag may be set by visitors for as long as it stands here."
    >
      {topics.length > 0 && (
        <ul className={classes['topics']}>
          {topics.map(({ tag, labels, chosen }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a topic has no other name while it is being written
            <li key={index}>
              <TextInput
                label={index === 0 ? `In ${languageName(language)}` : undefined}
                aria-label={`Topic ${index + 1}, in ${languageName(language)}`}
                dir="auto"
                maxLength={80}
                placeholder={Object.values(labels)[0] ?? tag}
                value={labels[language] ?? ''}
                onChange={(event) =>
                  set(index, { labels: { ...labels, [language]: event.currentTarget.value } })
                }
              />
              <TextInput
                label={index === 0 ? 'Tag' : undefined}
                aria-label={`Tag of topic ${index + 1}`}
                maxLength={64}
                value={tag}
                onChange={(event) => set(index, { tag: event.currentTarget.value })}
              />
              <Checkbox
                label="Ticked"
                aria-label={`Topic ${index + 1} is ticked to begin with`}
                checked={chosen}
                onChange={(event) => set(index, { chosen: event.currentTarget.checked })}
              />
              <ActionIcon
                aria-label={`Take topic ${index + 1} away`}
                onClick={() => onChange({ topics: topics.toSpliced(index, 1) })}
              >
                <IconX size={16} stroke={1.5} />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      {topics.length < 12 && (
        <Button
          className={classes['start'] ?? ''}
          variant="default"
          leftSection={<IconPlus size={14} stroke={1.5} />}
          onClick={() => onChange({ topics: [...topics, { tag: '', labels: {}, chosen: false }] })}
        >
          Add a topic
        </Button>
      )}
    </Group>
  );
}
