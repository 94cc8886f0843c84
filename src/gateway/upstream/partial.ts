/** Room at first, in bytes: it doubles when it is full. */
const MIN_ROOM = 1024;

/**
 * Bytes that wait for more. Doubles its room, so that what comes byte by byte does
 * not cost the square of its length.
 */
export class Partial {
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Takes all out, with `more` behind it: valid until the next {@link keep}. */
  with(more: Buffer): Buffer {
    if (this.#length === 0) return more;
    this.#append(more);
    const all = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return all;
  }

  /** @param rest the end of what {@link with} gave; its memory may be another's */
  keep(rest: Buffer): void {
    const own = rest.buffer === this.#bytes.buffer && rest.byteOffset === this.#bytes.byteOffset;
    if (own) this.#length = rest.length;
    else this.#append(rest);
  }

  #append(more: Buffer): void {
    const length = this.#length + more.length;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#bytes.length, MIN_ROOM));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    more.copy(this.#bytes, this.#length);
    this.#length = length;
  }
}
