import { ActionIcon, Button, Checkbox, Select, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './compose.module.css';
import type { Draft } from './draft.ts';

interface Props {
  draft: Draft;
  /** The sentence for a field, by its pointer, once it may be said. */
  errorOf: (pointer: string) => string | undefined;
  onChange: (some: Partial<Draft>) => void;
}

const hour = 3600;
const lifetimes = [
  [hour, 'one hour'],
  [6 * hour, 'six hours'],
  [24 * hour, 'a day'],
  [3 * 24 * hour, 'three days'],
  [7 * 24 * hour, 'a week'],
  [28 * 24 * hour, 'four weeks'],
] as const;
const urgencies = [
  ['very-low', 'Only when it costs no battery'],
  ['low', 'When convenient'],
  ['normal', 'Normal'],
  ['high', 'At once, also to sleeping phones'],
] as const;

function More({ title, open, children }: { title: string; open: boolean; children: ReactNode }) {
  return (
    <details className={classes['more']} open={open}>
      <summary>{title}</summary>
      <div>{children}</div>
    </details>
  );
}

function Buttons({ draft, errorOf, onChange }: Props) {
  const { actions } = draft;
  const change = (index: number, some: Partial<(typeof actions)[number]>) =>
    onChange({ actions: actions.map((action, at) => (at === index ? { ...action, ...some } : action)) });
  return (
    <>
      {actions.map(({ key, title, url }, index) => (
        <div key={key} className={classes['action']}>
          <TextInput
            label={`Button ${index + 1}`}
            value={title}
            maxLength={100}
            error={errorOf(`/message/actions/${index}/title`)}
            onChange={(event) => change(index, { title: event.currentTarget.value })}
          />
          <TextInput
            label="Opens"
            type="url"
            placeholder="the same as the notification"
            value={url}
            error={errorOf(`/message/actions/${index}/url`)}
            onChange={(event) => change(index, { url: event.currentTarget.value })}
          />
          <ActionIcon
            aria-label={`Take button ${index + 1} away`}
            onClick={() => onChange({ actions: actions.toSpliced(index, 1) })}
          >
            <IconX size={16} stroke={1.5} />
          </ActionIcon>
        </div>
      ))}
      {actions.length < 2 && (
        <Button
          className={classes['start']}
          variant="default"
          leftSection={<IconPlus size={14} stroke={1.5} />}
          onClick={() => {
            const key = Math.max(0, ...actions.map((action) => action.key + 1));
            onChange({ actions: [...actions, { key, title: '', url: '' }] });
          }}
        >
          Add a button
        </Button>
      )}
    </>
  );
}

/** The fields of a message: what most need first, the rest folded. */
export function MessageFields({ draft, errorOf, onChange }: Props) {
  const text = (field: 'title' | 'body' | 'url' | 'icon' | 'image' | 'badge' | 'tag' | 'topic') => ({
    value: draft[field],
    error: errorOf(`/message/${field}`),
    onChange: (event: { currentTarget: { value: string } }) =>
      onChange({ [field]: event.currentTarget.value }),
  });
  const pictures = draft.icon || draft.image || draft.badge || draft.actions.length > 0;
  const delivery = draft.tag || draft.topic || draft.urgency !== 'normal' || draft.ttl !== 86_400;
  const shown = draft.requireInteraction || draft.silent;
  const lives: [number, string][] = lifetimes.map(([seconds, name]) => [seconds, name]);
  if (!lives.some(([seconds]) => seconds === draft.ttl)) lives.push([draft.ttl, `${draft.ttl} seconds`]);
  return (
    <>
      <TextInput
        label="Title"
        required
        withAsterisk={false}
        dir="auto"
        maxLength={200}
        data-first
        {...text('title')}
      />
      <Textarea
        label="Text"
        dir="auto"
        autosize
        minRows={3}
        maxRows={12}
        maxLength={2000}
        {...text('body')}
      />
      <TextInput
        label="Opens"
        type="url"
        placeholder="https:// – your site when left empty"
        {...text('url')}
      />
      <More title="Pictures and buttons" open={Boolean(pictures)}>
        <TextInput
          label="Icon"
          type="url"
          placeholder="https://"
          description="Square, at least 192 pixels"
          {...text('icon')}
        />
        <TextInput
          label="Picture"
          type="url"
          placeholder="https://"
          description="Wide, two to one; Windows and Android show it"
          {...text('image')}
        />
        <TextInput
          label="Badge"
          type="url"
          placeholder="https://"
          description="One colour, 96 pixels; the small mark on Android"
          {...text('badge')}
        />
        <Buttons {...{ draft, errorOf, onChange }} />
      </More>
      <More title="How it is delivered" open={Boolean(delivery || shown)}>
        <div className={classes['pair']}>
          <Select
            label="Keep trying for"
            allowDeselect={false}
            value={String(draft.ttl)}
            data={lives.map(([seconds, name]) => ({ value: String(seconds), label: name }))}
            onChange={(value) => onChange({ ttl: Number(value) })}
          />
          <Select
            label="Urgency"
            allowDeselect={false}
            value={draft.urgency}
            data={urgencies.map(([value, label]) => ({ value, label }))}
            onChange={(value) => {
              const urgency = urgencies.find(([name]) => name === value);
              if (urgency) onChange({ urgency: urgency[0] });
            }}
          />
        </div>
        <TextInput
          label="Topic"
          description="A newer message of the same topic replaces one that waits for a sleeping device"
          {...text('topic')}
        />
        <TextInput
          label="Tag"
          description="A newer message with the same tag replaces the one on screen"
          {...text('tag')}
        />
        {draft.tag.trim() !== '' && (
          <Checkbox
            label="Sound again when it replaces one"
            checked={draft.renotify}
            onChange={(event) => onChange({ renotify: event.currentTarget.checked })}
          />
        )}
        <Checkbox
          label="Stays on screen until the person acts"
          checked={draft.requireInteraction}
          onChange={(event) => onChange({ requireInteraction: event.currentTarget.checked })}
        />
        <Checkbox
          label="Without a sound"
          checked={draft.silent}
          onChange={(event) => onChange({ silent: event.currentTarget.checked })}
        />
      </More>
    </>
  );
}
