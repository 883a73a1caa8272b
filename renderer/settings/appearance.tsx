import { SegmentedControl, Switch, useMantineColorScheme } from '@mantine/core';
import { usePreferences } from '../frame/preferences.tsx';
import { Section } from './section.tsx';

const schemes = [
  { value: 'auto', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const;

/** How this window looks and listens; kept in this window alone. */
export function Appearance() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { preferences, change } = usePreferences();
  return (
    <Section title="This window" about="For you alone, on this machine.">
      <SegmentedControl
        size="xs"
        aria-label="Scheme"
        value={colorScheme}
        data={[...schemes]}
        onChange={(value) => {
          const scheme = schemes.find((one) => one.value === value);
          if (scheme) setColorScheme(scheme.value);
        }}
      />
      <Switch
        label="Shortcuts of a single key, such as C and J"
        checked={preferences.singleKeys}
        onChange={(event) => change({ singleKeys: event.currentTarget.checked })}
      />
    </Section>
  );
}
