const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** 12408 → "12 408", with a narrow no-break space. */
export const formatNumber = (value: number) => grouped.format(value).replaceAll(',', '\u202f');

/** A share of a whole: "4.1 %", "< 0.1 %", "100 %"; a dash when there is no whole. Never rounds up to 100. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '–';
  const percent = (part / whole) * 100;
  if (part > 0 && percent < 0.1) return '< 0.1\u202f%';
  const shown = part < whole ? Math.min(percent, 99.9) : percent;
  return `${shown >= 10 && shown < 99 ? Math.round(shown) : Number(shown.toFixed(1))}\u202f%`;
}

/** 1 → "1 person", 12408 → "12 408 people". */
export const formatCount = (value: number, one: string, many: string) =>
  `${formatNumber(value)} ${value === 1 ? one : many}`;
export const people = (value: number) => formatCount(value, 'person', 'people');

/** Seconds in the unit that a person would use: "8 s", "4 min", "2 h 10 min". */
export function formatDuration(seconds: number): string {
  if (seconds < 1) return 'less than a second';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48
    ? `${hours} h${minutes % 60 ? ` ${minutes % 60} min` : ''}`
    : `${Math.round(hours / 24)} days`;
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const dayMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const dayMonthYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const full = (timeZone?: string) =>
  new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZone,
    timeZoneName: 'longOffset',
  });
const fullHere = full();
const fullUtc = full('UTC');

/** Where the operator is: the time zone of this computer. */
export const operatorTimeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

// a calendar day has no time and no zone: it is read as UTC and written as UTC
const calendar = (options: Intl.DateTimeFormatOptions) => {
  const format = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' });
  return (date: string) => (date === '' ? '' : format.format(new Date(`${date}T00:00:00Z`)));
};
/** "2026-11-25" → "25 Nov". */
export const formatDay = calendar({ day: 'numeric', month: 'short' });
/** "2026-11-25" → "Wed 25 Nov 2026". */
export const formatDayFully = calendar({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });

/** A time near now in few words, never ambiguous: "14:05", "Yesterday 09:12", "12 Nov 14:05", "12 Nov 2024". */
export function formatTime(iso: string, now: Date): string {
  const time = new Date(iso);
  const midnight = (date: Date, days = 0) =>
    new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
  const at = time.getTime();
  if (at >= midnight(now) && at < midnight(now, 1)) return clock.format(time);
  if (at >= midnight(now, -1) && at < midnight(now)) return `Yesterday ${clock.format(time)}`;
  if (at >= midnight(now, 1) && at < midnight(now, 2)) return `Tomorrow ${clock.format(time)}`;
  if (Math.abs(at - now.getTime()) < 200 * 86_400_000)
    return `${dayMonth.format(time)} ${clock.format(time)}`;
  return dayMonthYear.format(time);
}

/** The whole time in the operator's zone, and in UTC. */
export function formatTimeFully(iso: string): string {
  const time = new Date(iso);
  return `${fullHere.format(time)} (${operatorTimeZone()})\n${fullUtc.format(time)}`;
}

/** The day that a time falls on here: "1 May 2026". */
export const formatDate = (iso: string) => dayMonthYear.format(new Date(iso));

const appointment = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});
/** A time to come in the operator's zone: "Wednesday 25 November 2026 at 09:00 (Europe/Berlin)". */
export const formatAppointment = (iso: string) =>
  `${appointment.format(new Date(iso))} (${operatorTimeZone()})`;

const languages = new Intl.DisplayNames('en', { type: 'language' });
const regions = new Intl.DisplayNames('en', { type: 'region' });
const named = (names: Intl.DisplayNames, code: string) => {
  try {
    return names.of(code) ?? code;
  } catch {
    return code;
  }
};
/** "pt-BR" → "Brazilian Portuguese"; what is no language tag is shown as it is. */
export const languageName = (code: string) => named(languages, code);
/** "BR" → "Brazil"; what is no country code is shown as it is. */
export const countryName = (code: string) => named(regions, code);

const services: Record<string, string> = {
  fcm: 'Google (FCM)',
  mozilla: 'Mozilla',
  wns: 'Microsoft (WNS)',
  apple: 'Apple',
};
/** The name people know a push service by; another one by its host. */
export const pushServiceName = (id: string) => services[id] ?? id;

/** What to call a subscriber: the site's own id for them, or the end of ours. */
export const personName = (person: { id: string; externalId: string | null }) =>
  person.externalId ?? `Visitor ${person.id.slice(-6)}`;
