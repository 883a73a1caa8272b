import { SegmentedControl, useComputedColorScheme } from '@mantine/core';
import { useState } from 'react';
import type { Message } from '../../main/contract/messages.ts';
import classes from './previews.module.css';

const hostOf = (origin: string) => (URL.canParse(origin) ? new URL(origin).host : 'your site');

/** A picture of the message, or its place where the address shows nothing. */
function Picture({ src, className }: { src: string | undefined; className: string | undefined }) {
  const [broken, setBroken] = useState<string | null>(null);
  if (!src) return null;
  if (broken === src || !URL.canParse(src)) return <span className={className} data-broken />;
  return (
    <img className={className} src={src} alt="" referrerPolicy="no-referrer" onError={() => setBroken(src)} />
  );
}

const Site = ({ children }: { children: string }) => <span className={classes['origin']}>{children}</span>;

interface Props {
  message: Message;
  host: string;
}

const Title = ({ message }: { message: Message }) => (
  <strong dir="auto" className={classes['title']}>
    {message.title || 'Title'}
  </strong>
);
const Body = ({ message }: { message: Message }) =>
  message.body ? (
    <p dir="auto" className={classes['text']}>
      {message.body}
    </p>
  ) : null;
const Actions = ({ message }: { message: Message }) =>
  message.actions && message.actions.length > 0 ? (
    <div className={classes['actions']}>
      {message.actions.slice(0, 2).map(({ action, title }) => (
        <span key={action} dir="auto">
          {title || 'Button'}
        </span>
      ))}
    </div>
  ) : null;

/** Where a system draws the browser's own sign: a plain window of ours, since theirs are not ours to draw. */
const BrowserGlyph = () => (
  <svg className={classes['app']} viewBox="0 0 16 16" aria-hidden="true">
    <rect x="1" y="2" width="14" height="12" rx="2.5" fill="currentColor" opacity="0.16" />
    <path
      fill="none"
      stroke="currentColor"
      strokeWidth="1.2"
      d="M3.5 2h9A2.5 2.5 0 0 1 15 4.5v7a2.5 2.5 0 0 1-2.5 2.5h-9A2.5 2.5 0 0 1 1 11.5v-7A2.5 2.5 0 0 1 3.5 2ZM1 5.8h14"
    />
    <circle cx="3.5" cy="3.9" r="0.7" fill="currentColor" />
    <circle cx="5.7" cy="3.9" r="0.7" fill="currentColor" />
  </svg>
);

/** Chrome on Windows: picture on top, icon at the left, buttons across. */
const Windows = ({ message, host }: Props) => (
  <div className={classes['windows']}>
    <header>
      <BrowserGlyph /> Google Chrome
    </header>
    <Picture src={message.image} className={classes['hero']} />
    <div className={classes['row']}>
      <Picture src={message.icon} className={classes['icon']} />
      <div className={classes['words']}>
        <Title message={message} />
        <Body message={message} />
        <Site>{host}</Site>
      </div>
    </div>
    <Actions message={message} />
  </div>
);

/** Chrome on macOS: no picture, the icon at the right, buttons behind “Options”. */
const Mac = ({ message, host }: Props) => (
  <div className={classes['mac']}>
    <BrowserGlyph />
    <div className={classes['words']}>
      <Title message={message} />
      <Site>{host}</Site>
      <Body message={message} />
    </div>
    <Picture src={message.icon} className={classes['icon']} />
  </div>
);

/** Chrome on Android, opened: the badge, the site, the picture below, buttons as words. */
const Android = ({ message, host }: Props) => (
  <div className={classes['android']}>
    <header>
      {message.badge ? <Picture src={message.badge} className={classes['badge']} /> : <BrowserGlyph />}
      Chrome · {host} · now
    </header>
    <div className={classes['row']}>
      <div className={classes['words']}>
        <Title message={message} />
        <Body message={message} />
      </div>
      <Picture src={message.icon} className={classes['icon']} />
    </div>
    <Picture src={message.image} className={classes['hero']} />
    <Actions message={message} />
  </div>
);

/** Firefox on Linux: title, text and icon; the desktop draws the rest as it likes. */
const Linux = ({ message, host }: Props) => (
  <div className={classes['linux']}>
    <Picture src={message.icon} className={classes['icon']} />
    <div className={classes['words']}>
      <Title message={message} />
      <Body message={message} />
      <Site>{`via ${host}`}</Site>
    </div>
  </div>
);

const platforms = [
  ['Windows', 'Chrome', Windows],
  ['macOS', 'Chrome', Mac],
  ['Android', 'Chrome', Android],
  ['Linux', 'Firefox', Linux],
] as const;

/** How a message looks where people get it, in the light or the dark scheme of their system. */
export function Previews({ message, origin }: { message: Message; origin: string }) {
  const own = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const [chosen, setChosen] = useState<string | null>(null);
  const scheme = chosen ?? own;
  const host = hostOf(origin);
  return (
    <section className={classes['previews']} aria-label="Preview">
      <header className={classes['head']}>
        <h2>How it looks</h2>
        <SegmentedControl
          size="xs"
          aria-label="Scheme of the preview"
          value={scheme}
          data={[
            { value: 'light', label: 'Light' },
            { value: 'dark', label: 'Dark' },
          ]}
          onChange={setChosen}
        />
      </header>
      {platforms.map(([system, browser, Platform]) => (
        <figure key={system} data-scheme={scheme}>
          <figcaption>
            {system} <span className="dim">{browser}</span>
          </figcaption>
          <div className={classes['desk']}>
            <Platform message={message} host={host} />
          </div>
        </figure>
      ))}
      <p className="dim small">Systems change their look and shorten long texts; this is what to expect.</p>
    </section>
  );
}
