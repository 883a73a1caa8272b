import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { leastContrast, mendContrast } from '../../main/contract/contrast.ts';
import type { PromptColours, PromptLook } from '../../main/contract/prompts.ts';
import { colourProblem } from './draft.ts';
import { Group } from './group.tsx';
import classes from './prompts.module.css';
import type { FieldsProps } from './prompts.tsx';

const colourNames: [keyof PromptColours, string][] = [
  ['ground', 'Ground'],
  ['ink', 'Text'],
  ['accent', 'Button and bell'],
];

/** Three colours; what could not be read is not taken, and can be mended with one press. */
function Colours({ title, colours, onChange }: ColoursProps) {
  const faint = (['ink', 'accent'] as const).filter((name) => {
    const problem = colourProblem(colours, name);
    return problem?.includes(':1') ?? false;
  });
  const mend = () => {
    const mended = { ...colours };
    for (const name of faint) mended[name] = mendContrast(colours[name], colours.ground, leastContrast[name]);
    onChange(mended);
  };
  return (
    <fieldset className={classes['colours']}>
      <legend>{title}</legend>
      {colourNames.map(([name, label]) => (
        <TextInput
          key={name}
          size="xs"
          label={label}
          aria-label={`${label}, ${title}`}
          maxLength={7}
          value={colours[name]}
          error={colourProblem(colours, name)}
          leftSection={
            <input
              type="color"
              className={classes['swatch']}
              aria-label={`Choose: ${label}, ${title}`}
              value={colours[name]}
              onChange={(event) => onChange({ ...colours, [name]: event.currentTarget.value })}
            />
          }
          onChange={(event) =>
            onChange({ ...colours, [name]: event.currentTarget.value.trim().toLowerCase() })
          }
        />
      ))}
      {faint.length > 0 && (
        <Button variant="default" onClick={mend}>
          Mend it
        </Button>
      )}
    </fieldset>
  );
}
interface ColoursProps {
  title: string;
  colours: PromptColours;
  onChange: (colours: PromptColours) => void;
}

/** Colours, corners and the place. */
export function LookFields({ prompt, onChange }: FieldsProps) {
  const { look, kind } = prompt;
  const set = (some: Partial<PromptLook>) => onChange({ look: { ...look, ...some } });
  const choice = <K extends 'scheme' | 'corners' | 'side' | 'edge'>(
    name: K,
    label: string,
    data: [PromptLook[K], string][],
  ) => (
    <div className={classes['choice']}>
      <span aria-hidden="true">{label}</span>
      <SegmentedControl
        size="xs"
        aria-label={label}
        value={look[name]}
        data={data.map(([value, text]) => ({ value, label: text }))}
        onChange={(value) => set({ [name]: value } as Partial<PromptLook>)}
      />
    </div>
  );
  return (
    <Group title="Look">
      {choice('scheme', 'Scheme', [
        ['auto', 'As the visitor’s system'],
        ['light', 'Light'],
        ['dark', 'Dark'],
      ])}
      {choice('corners', 'Corners', [
        ['square', 'Square'],
        ['soft', 'Soft'],
        ['round', 'Round'],
      ])}
      {kind === 'banner'
        ? choice('edge', 'Edge', [
            ['bottom', 'Bottom'],
            ['top', 'Top'],
          ])
        : choice('side', 'Side', [
            ['end', 'Where lines end'],
            ['start', 'Where lines begin'],
          ])}
      {look.scheme !== 'dark' && (
        <Colours title="Light colours" colours={look.light} onChange={(light) => set({ light })} />
      )}
      {look.scheme !== 'light' && (
        <Colours title="Dark colours" colours={look.dark} onChange={(dark) => set({ dark })} />
      )}
    </Group>
  );
}
