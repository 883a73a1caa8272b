const units: [milliseconds: number, one: string][] = [
  [24 * 3600_000, 'day'],
  [3600_000, 'hour'],
  [60_000, 'minute'],
];

/** How far the clock here is off, as a sentence. @param off milliseconds; positive: it is ahead */
export function clockWords(off: number): string {
  const [size, name] = units.find(([milliseconds]) => Math.abs(off) >= milliseconds) ?? [1000, 'second'];
  const count = Math.round(Math.abs(off) / size);
  const far = `${count} ${name}${count === 1 ? '' : 's'}`;
  return `The clock of this computer is ${far} ${off > 0 ? 'ahead of' : 'behind'} the push service’s.`;
}
