import { ActionIcon, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import classes from './code-block.module.css';

/** Copies a text, and says so. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const { copied, copy, error } = useClipboard({ timeout: 1500 });
  const said = error ? 'Copying is not allowed here: select the text instead' : copied ? 'Copied' : label;
  return (
    <>
      <Tooltip label={said} opened={copied || error !== null || undefined}>
        <ActionIcon aria-label={label} onClick={() => copy(text)}>
          {copied ? <IconCheck size={16} stroke={1.5} /> : <IconCopy size={16} stroke={1.5} />}
        </ActionIcon>
      </Tooltip>
      <span className="visually-hidden" role="status">
        {copied ? 'Copied' : ''}
      </span>
    </>
  );
}

/** Code to be copied as it stands. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <div className={classes['block']}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section tabIndex={0} aria-label={label}>
        <pre>
          <code>{code}</code>
        </pre>
      </section>
      <CopyButton text={code} label={`Copy ${label.toLowerCase()}`} />
    </div>
  );
}

/** One line of something to be copied: a key, an address. */
export function CopyLine({ text, label }: { text: string; label: string }) {
  return (
    <span className={classes['line']}>
      <code title={text}>{text}</code>
      <CopyButton text={text} label={`Copy ${label}`} />
    </span>
  );
}
