import { Modal } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useRef } from 'react';
import { keyboardIsTaken } from '../parts/keyboard.ts';
import classes from './palette.module.css';
import { usePreferences } from './preferences.tsx';
import { undoLast } from './toasts.tsx';

const mac = /Mac|iPhone|iPad/.test(navigator.platform);
/** The key that begins commands on this system, as it is written there. */
export const commandKey = mac ? '⌘' : 'Ctrl';

/** Every shortcut, as the help lists it. */
const listed = [
  [
    'Anywhere',
    [
      [[commandKey, 'K'], 'Search people, campaigns and actions'],
      [['?'], 'These shortcuts'],
      [['Z'], 'Undo, as long as it is offered'],
      [['Esc'], 'Close what is open'],
    ],
  ],
  [
    'Go to',
    [
      [['G', 'O'], 'Overview'],
      [['G', 'S'], 'Subscribers'],
      [['G', 'E'], 'Segments'],
      [['G', 'C'], 'Campaigns'],
      [['G', 'A'], 'Ways to ask'],
      [['G', 'U'], 'Set up'],
      [['G', 'T'], 'Settings'],
      [['G', 'R'], 'Rehearsal, on a practice site'],
      [['G', 'W'], 'What is under way'],
      [['C'], 'Compose a message'],
    ],
  ],
  [
    'In a list',
    [
      [['J'], 'Next one'],
      [['K'], 'The one before'],
      [['Enter'], 'Open'],
      [['/'], 'Search this list'],
      [['Space'], 'Select, or not'],
      [['Shift', '↓'], 'Select up to there'],
      [[commandKey, 'A'], 'Select everyone who matches'],
      [['Esc'], 'Select nobody'],
    ],
  ],
  [
    'While composing',
    [
      [[commandKey, 'Enter'], 'Send, after a question'],
      [[commandKey, 'S'], 'Save the draft'],
    ],
  ],
] as const;

const screens: Record<
  string,
  '' | 'subscribers' | 'segments' | 'campaigns' | 'prompts' | 'setup' | 'settings' | 'rehearsal'
> = {
  o: '',
  s: 'subscribers',
  e: 'segments',
  c: 'campaigns',
  a: 'prompts',
  u: 'setup',
  t: 'settings',
  r: 'rehearsal',
};

/** Listens for the shortcuts that hold on every screen of a site. */
export function useShortcuts(site: string | undefined, act: { palette(): void; help(): void }) {
  const navigate = useNavigate();
  const { preferences } = usePreferences();
  const goSince = useRef(Number.NEGATIVE_INFINITY);
  const press = useEffectEvent((event: KeyboardEvent) => {
    if ((event.metaKey || event.ctrlKey) && !event.altKey && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      act.palette();
      return;
    }
    if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return;
    if (!preferences.singleKeys || keyboardIsTaken(event.target)) return;
    const key = event.key.toLowerCase();
    const going = event.timeStamp - goSince.current < 1500;
    goSince.current = Number.NEGATIVE_INFINITY;
    const screen = screens[key];
    if (key === '?') act.help();
    else if (going && screen !== undefined && site) {
      event.preventDefault();
      void navigate({ to: screen === '' ? '/sites/$site' : `/sites/$site/${screen}`, params: { site } });
    } else if (going && key === 'w') {
      event.preventDefault();
      void navigate({ to: '/jobs' });
    } else if (key === 'g') goSince.current = event.timeStamp;
    else if (key === 'z') undoLast();
    else if (key === 'c' && site) {
      event.preventDefault();
      void navigate({ to: '/sites/$site/compose', params: { site } });
    } else if (key === '/') {
      const field = document.querySelector<HTMLInputElement>('[data-list-search]');
      if (!field) return;
      event.preventDefault();
      field.focus();
      field.select();
    }
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => press(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
}

/** Keys as they are drawn. */
export const Keys = ({ keys }: { keys: readonly string[] }) => (
  <span className={classes['keys']}>
    {keys.map((key) => (
      <kbd key={key}>{key}</kbd>
    ))}
  </span>
);

/** The list of shortcuts, on `?`. */
export function ShortcutsHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Shortcuts"
      size={560}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className={classes['shortcuts']}>
        {listed.map(([where, entries]) => (
          <section key={where}>
            <h3 className="dim">{where}</h3>
            <dl>
              {entries.map(([keys, what]) => (
                <div key={what}>
                  <dt>{what}</dt>
                  <dd>
                    <Keys keys={keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
