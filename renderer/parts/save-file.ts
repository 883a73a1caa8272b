/** Offers text that was put together here to be saved: a download in a browser, the system's dialog in the window. */
export function saveFile(name: string, parts: string[], type: string): void {
  const address = URL.createObjectURL(new Blob(parts, { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // the browser has taken it by then, or waits for where to put it with a copy of its own
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Today as it stands in a file's name. */
export const today = () => new Date().toISOString().slice(0, 10);
