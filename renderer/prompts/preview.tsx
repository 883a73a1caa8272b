import { SegmentedControl, Select, useComputedColorScheme } from '@mantine/core';
import { useDeferredValue, useEffect, useRef, useState } from 'react';
import { createSurface, type SurfaceKind } from '../../landing/prompts/surface.ts';
import type { ViewName } from '../../landing/prompts/views.ts';
import { promptForPage } from '../../main/contract/prompt-for-page.ts';
import type { Prompt } from '../../main/contract/prompts.ts';
import { languageName, languagesOf } from './draft.ts';
import classes from './prompts.module.css';

const views: [ViewName | 'closed', string][] = [
  ['ask', 'The question'],
  ['closed', 'Before it is opened'],
  ['homeScreen', 'On an iPhone, after a yes'],
  ['asking', 'While the browser asks'],
  ['done', 'After a yes'],
  ['manage', 'For a subscriber'],
  ['left', 'After leaving'],
  ['dismissed', 'After the browser’s question was closed'],
  ['blocked', 'To somebody who has blocked it'],
  ['unable', 'In a browser that cannot'],
  ['failed', 'When it did not work'],
];
const sizes = { desktop: [1000, 640], phone: [390, 760] } as const;

/** A page of nobody's, with the prompt on it: drawn by the code that visitors get, in the size that it has there. */
function Stage({ prompt, language, device, dark, view }: StageProps) {
  const frame = useRef<HTMLDivElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const [scale, setScale] = useState(0.4);
  const [width, height] = sizes[device];
  const shown = useDeferredValue(prompt);

  useEffect(() => {
    const outer = frame.current;
    if (!outer) return;
    const observer = new ResizeObserver(() =>
      setScale(Math.min(outer.clientWidth / width, device === 'phone' ? 0.85 : 1)),
    );
    observer.observe(outer);
    return () => observer.disconnect();
  }, [width, device]);

  useEffect(() => {
    if (!stage.current) return;
    const page = promptForPage(shown, language);
    const kind: SurfaceKind = page.kind === 'page' || page.kind === 'button' ? 'panel' : page.kind;
    const nothing = () => {};
    const acts = { join: nothing, close: nothing, save: nothing, leave: nothing };
    const surface = createSurface(stage.current, page, acts, {
      narrow: device === 'phone',
      dark,
      still: true,
    });
    surface.dressAs(kind);
    if (page.kind === 'bell') surface.bell(nothing);
    if (view === 'manage' || view === 'done') surface.status('subscribed');
    if (view !== 'closed') surface.show({ name: view }, false);
    return () => surface.remove();
  }, [shown, language, device, dark, view]);

  return (
    <div ref={frame} className={classes['frame']} style={{ height: height * scale }}>
      <div
        ref={stage}
        className={classes['stage']}
        data-dark={dark || undefined}
        data-device={device}
        style={{ width, height, transform: `scale(${scale})` }}
        inert
      >
        <div className={classes['mock']} dir={promptForPage(shown, language).direction}>
          <i data-what="title" />
          {Array.from({ length: 9 }, (_, line) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
            <i key={line} data-last={line % 3 === 2 || undefined} />
          ))}
        </div>
      </div>
    </div>
  );
}
interface StageProps {
  prompt: Prompt;
  language: string;
  device: keyof typeof sizes;
  dark: boolean;
  view: ViewName | 'closed';
}

interface Props {
  prompt: Prompt;
  language: string;
  onLanguage: (language: string) => void;
}

/** How a visitor sees it: on a desktop or a phone, light or dark, in each language, at each step. */
export function Preview({ prompt, language, onLanguage }: Props) {
  const console = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const [device, setDevice] = useState<keyof typeof sizes>('desktop');
  const [wanted, setWanted] = useState<'light' | 'dark' | null>(null);
  const [view, setView] = useState<ViewName | 'closed'>('ask');
  const { scheme } = prompt.look;
  const dark = (scheme === 'auto' ? (wanted ?? console) : scheme) === 'dark';
  return (
    <section className={classes['side']} aria-label="Preview">
      <div className={classes['controls']}>
        <SegmentedControl
          size="xs"
          aria-label="Device"
          value={device}
          data={[
            { value: 'desktop', label: 'Desktop' },
            { value: 'phone', label: 'Phone' },
          ]}
          onChange={(value) => setDevice(value as keyof typeof sizes)}
        />
        <SegmentedControl
          size="xs"
          aria-label="The visitor’s scheme"
          value={dark ? 'dark' : 'light'}
          disabled={scheme !== 'auto'}
          data={[
            { value: 'light', label: 'Light' },
            { value: 'dark', label: 'Dark' },
          ]}
          onChange={(value) => setWanted(value as 'light' | 'dark')}
        />
        <Select
          size="xs"
          aria-label="The visitor’s language"
          allowDeselect={false}
          searchable
          value={language}
          data={languagesOf(prompt).map((value) => ({ value, label: languageName(value) }))}
          onChange={(value) => value && onLanguage(value)}
        />
        <Select
          size="xs"
          aria-label="What is shown"
          allowDeselect={false}
          value={view}
          data={views.map(([value, label]) => ({ value, label }))}
          onChange={(value) => setView((value ?? 'ask') as ViewName | 'closed')}
        />
      </div>
      <Stage {...{ prompt, language, device, dark, view }} />
      {prompt.kind === 'page' && (
        <p className="dim small">Nothing comes by itself. This is what belfry.ask() opens.</p>
      )}
      {prompt.kind === 'button' && (
        <p className="dim small">
          This is what your own button opens: <code>{'<button data-belfry="ask">'}</code>.
        </p>
      )}
    </section>
  );
}
