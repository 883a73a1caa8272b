import type { SimulatedService } from '../core/ports/rehearsal.ts';

/** A kind of browser, named as Belfry names what it derives from a user agent. */
export interface Browser {
  weight: number;
  service: SimulatedService;
  browser: string;
  versions: string[];
  system: string;
  device: 'desktop' | 'mobile' | 'tablet';
}

export const browsers: readonly Browser[] = [
  kind(27, 'fcm', 'Chrome', ['147', '148', '149'], 'Android', 'mobile'),
  kind(25, 'fcm', 'Chrome', ['148', '149'], 'Windows', 'desktop'),
  kind(7, 'fcm', 'Chrome', ['148', '149'], 'macOS', 'desktop'),
  kind(2, 'fcm', 'Chrome', ['147', '149'], 'Linux', 'desktop'),
  kind(4, 'fcm', 'Samsung Internet for Android', ['29', '30'], 'Android', 'mobile'),
  kind(2, 'fcm', 'Opera', ['131', '132'], 'Windows', 'desktop'),
  kind(12, 'wns', 'Microsoft Edge', ['148', '149'], 'Windows', 'desktop'),
  kind(6, 'mozilla', 'Firefox', ['153', '154', '155'], 'Windows', 'desktop'),
  kind(2, 'mozilla', 'Firefox', ['153', '155'], 'Linux', 'desktop'),
  kind(2, 'mozilla', 'Firefox', ['154', '155'], 'Android', 'mobile'),
  kind(1, 'mozilla', 'Firefox', ['155'], 'macOS', 'desktop'),
  kind(5, 'apple', 'Safari', ['18', '26'], 'macOS', 'desktop'),
  kind(4, 'apple', 'Safari', ['18', '26'], 'iOS', 'mobile'),
  kind(1, 'apple', 'Safari', ['26'], 'iOS', 'tablet'),
];

function kind(
  weight: number,
  service: SimulatedService,
  browser: string,
  versions: string[],
  system: string,
  device: Browser['device'],
): Browser {
  return { weight, service, browser, versions, system, device };
}

/** Where people live, what they speak, and how far their clocks are ahead of UTC. */
export interface Place {
  weight: number;
  timeZone: string;
  country: string;
  languages: string[];
  /** Milliseconds, as it is now: half the year is an hour off, which no rehearsal needs to know. */
  offset: number;
}

export const places: readonly Place[] = [
  place(15, 'America/New_York', 'US', 'en-US', 'en-US', 'es-US'),
  place(8, 'America/Chicago', 'US', 'en-US'),
  place(9, 'America/Los_Angeles', 'US', 'en-US', 'en-US', 'en-US', 'es-US'),
  place(12, 'Europe/London', 'GB', 'en-GB'),
  place(12, 'Europe/Berlin', 'DE', 'de-DE', 'de-DE', 'de-DE', 'tr-TR', 'en-GB'),
  place(7, 'Europe/Paris', 'FR', 'fr-FR'),
  place(4, 'Europe/Madrid', 'ES', 'es-ES', 'es-ES', 'ca-ES'),
  place(3, 'Europe/Amsterdam', 'NL', 'nl-NL'),
  place(3, 'Europe/Warsaw', 'PL', 'pl-PL'),
  place(2, 'Europe/Stockholm', 'SE', 'sv-SE'),
  place(6, 'America/Sao_Paulo', 'BR', 'pt-BR'),
  place(3, 'America/Mexico_City', 'MX', 'es-MX'),
  place(6, 'Asia/Kolkata', 'IN', 'en-IN', 'en-IN', 'hi-IN'),
  place(4, 'Asia/Tokyo', 'JP', 'ja-JP'),
  place(2, 'Asia/Riyadh', 'SA', 'ar-SA'),
  place(1, 'Asia/Jerusalem', 'IL', 'he-IL'),
  place(3, 'Australia/Sydney', 'AU', 'en-AU'),
];

function place(weight: number, zone: string, country: string, ...languages: string[]): Place {
  const format = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const now = Math.floor(Date.now() / 60_000) * 60_000;
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
  return {
    weight,
    timeZone: format.resolvedOptions().timeZone,
    country,
    languages,
    offset: local - now,
  };
}
