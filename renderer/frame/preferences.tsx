import { useLocalStorage } from '@mantine/hooks';

/** What the operator chose for this window; kept in the browser. */
interface Preferences {
  /** Shortcuts of a single character (WCAG 2.1.4 asks for a way to turn them off). */
  singleKeys: boolean;
  lastSite: string | null;
  /** Sites whose first steps are put away. */
  stepsHidden: string[];
  /** The columns of a site's list of subscribers, where others than the usual ones were chosen. */
  columns: Record<string, string[]>;
}
const initial: Preferences = { singleKeys: true, lastSite: null, stepsHidden: [], columns: {} };

/** The preferences and a way to change some of them. */
export function usePreferences() {
  const [stored, store] = useLocalStorage<Partial<Preferences>>({
    key: 'belfry:preferences',
    defaultValue: {},
    getInitialValueInEffect: false,
  });
  return {
    preferences: { ...initial, ...stored },
    change: (some: Partial<Preferences>) => store((before) => ({ ...before, ...some })),
  };
}
