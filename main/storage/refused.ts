/** Why the data cannot be opened, in a sentence that tells the operator what to do. The files are untouched. */
export class DatabaseRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DatabaseRefused';
  }
}

/** Why a folder or file of the data cannot be used; anything but a refusal of the system is given back as it is. */
export function fileRefused(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC')
    return new DatabaseRefused(`There is no room left on the disk for ${path}. Free some, then start again.`);
  // ENOENT is also what Node says where a folder may not be made
  if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENOENT'].includes(code ?? ''))
    return new DatabaseRefused(
      `${path} cannot be written. Check the folder and its permissions, or choose another one with --data.`,
    );
  return error;
}
