import type { ImportFiles } from '../ports/imports.ts';
import { Refusal } from '../refusal.ts';

/** How much of each file is here; pieces are written one after the other. */
export class Incoming {
  readonly #files: Pick<ImportFiles, 'append'>;
  readonly #received = new Map<number, number>();
  readonly #writing = new Map<number, Promise<number>>();

  constructor(files: Pick<ImportFiles, 'append'>) {
    this.#files = files;
  }

  /** Bytes that are here. */
  of(file: number): number {
    return this.#received.get(file) ?? 0;
  }

  set(file: number, bytes: number): void {
    this.#received.set(file, bytes);
  }

  forget(file: number): void {
    this.#received.delete(file);
  }

  /**
   * Takes a piece; bytes that are here already are passed over. Resolves to how many bytes are here then.
   * @throws Refusal conflict when a piece is missing before this one, invalid_input when it is too much
   */
  append(file: { id: number; size: number }, offset: number, bytes: Uint8Array): Promise<number> {
    const before = this.#writing.get(file.id) ?? Promise.resolve(0);
    const writing = before.catch(() => 0).then(() => this.#write(file, offset, bytes));
    this.#writing.set(file.id, writing);
    return writing.finally(() => {
      if (this.#writing.get(file.id) === writing) this.#writing.delete(file.id);
    });
  }

  async #write(
    { id, size }: { id: number; size: number },
    offset: number,
    bytes: Uint8Array,
  ): Promise<number> {
    const received = this.of(id);
    if (received === size) return received;
    if (offset > received)
      throw new Refusal(
        'conflict',
        `Send the file from byte ${received} on: what is before this is missing.`,
      );
    if (offset + bytes.length > size)
      throw new Refusal('invalid_input', `This is more than the ${size} bytes that were announced.`);
    const fresh = bytes.subarray(Math.min(bytes.length, received - offset));
    if (fresh.length > 0) await this.#files.append(id, received, fresh);
    this.#received.set(id, received + fresh.length);
    return received + fresh.length;
  }
}
