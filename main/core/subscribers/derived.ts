import bowser from 'bowser';

export interface Device {
  browser: string | null;
  browserVersion: string | null;
  system: string | null;
  device: string | null;
}

/** What a User-Agent header says of the browser: names people use, the major version, `desktop|mobile|tablet`. */
export function deviceOf(userAgent: string | null): Device {
  if (userAgent === null || userAgent.trim() === '')
    return { browser: null, browserVersion: null, system: null, device: null };
  const { browser, os, platform } = bowser.parse(userAgent.slice(0, 1000));
  const short = (text: string | undefined) => (text ? text.slice(0, 64) : null);
  return {
    browser: short(browser.name),
    browserVersion: short(browser.version?.split('.')[0]),
    system: short(os.name),
    device: short(platform.type),
  };
}

/** A language tag in its canonical form (BCP 47), or null when it is none. */
export function canonicalLanguage(tag: string | undefined): string | null {
  try {
    return tag === undefined ? null : (Intl.getCanonicalLocales(tag)[0] ?? null);
  } catch {
    return null;
  }
}

/** An IANA time zone in the form that this runtime uses, or null when it is none. */
export function canonicalTimeZone(zone: string | undefined): string | null {
  try {
    return zone === undefined
      ? null
      : new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}

/** `getTimeZones` is newer than the type library; the accessor is its older form. */
interface LocaleWithZones extends Intl.Locale {
  getTimeZones?(): string[] | undefined;
  timeZones?: string[];
}

/** Countries (ISO 3166) by the time zones that are used in them. */
export class Countries {
  readonly #byZone = new Map<string, string>();

  /** Gathers them from the runtime: about 0.2 s, in slices that leave the event loop free. */
  async load(): Promise<void> {
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
    for (const first of letters) {
      for (const second of letters) this.#add(first + second);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** @param timeZone in its canonical form; UTC and the like belong to no country */
  of(timeZone: string | null): string | null {
    return timeZone === null ? null : (this.#byZone.get(timeZone) ?? null);
  }

  #add(code: string) {
    const locale = new Intl.Locale(`und-${code}`) as LocaleWithZones;
    if (locale.region !== code) return; // a former code: DD is DE today
    for (const zone of locale.getTimeZones?.() ?? locale.timeZones ?? [])
      if (!this.#byZone.has(zone)) this.#byZone.set(zone, code);
  }
}

/**
 * Keeps what was worked out for the last few texts: visitors are many, and their browsers and time zones few.
 * @param most how many are kept; texts longer than 500 characters never are
 */
export function remembering<T>(work: (text: string) => T, most: number): (text: string) => T {
  const kept = new Map<string, T>();
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    const fresh = work(text);
    if (text.length > 500) return fresh;
    // the oldest goes first
    for (const oldest of kept.size < most ? [] : kept.keys()) {
      kept.delete(oldest);
      break;
    }
    kept.set(text, fresh);
    return fresh;
  };
}
