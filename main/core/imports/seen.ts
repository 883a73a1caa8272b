/**
 * Which endpoints stand in a file already, in 12 to 24 bytes each: the first 8 bytes of their SHA-256. That two of
 * five million share these by chance is less likely than one in a million.
 */
export class Seen {
  #slots = new Uint32Array(2 * 4096);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** @param hash of an endpoint. @returns whether it is new */
  add(hash: Uint8Array): boolean {
    const view = new DataView(hash.buffer, hash.byteOffset, 8);
    // 0 marks a free slot
    const added = this.#put(view.getUint32(0, true) || 1, view.getUint32(4, true));
    if (added && ++this.#count * 3 > this.#slots.length) this.#grow();
    return added;
  }

  #put(low: number, high: number): boolean {
    const mask = this.#slots.length / 2 - 1;
    for (let i = low & mask; ; i = (i + 1) & mask) {
      const there = this.#slots[2 * i];
      if (there === 0) {
        this.#slots[2 * i] = low;
        this.#slots[2 * i + 1] = high;
        return true;
      }
      if (there === low && this.#slots[2 * i + 1] === high) return false;
    }
  }

  #grow() {
    const before = this.#slots;
    this.#slots = new Uint32Array(before.length * 2);
    for (let i = 0; i < before.length; i += 2) {
      const low = before[i] ?? 0;
      if (low !== 0) this.#put(low, before[i + 1] ?? 0);
    }
  }
}
