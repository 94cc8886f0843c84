import { Refusal } from '../refusal.ts';

const NOTHING = Buffer.alloc(0);

/** Takes a body apart: exact pieces first, then what is left as it arrives. */
export class BodyReader {
  readonly #source: AsyncIterator<Buffer, undefined>;
  #rest: Buffer = NOTHING;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  }

  /** Exactly `size` bytes; a `BodyTruncated` refusal when the body ends before. */
  async take(size: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let missing = size;
    while (missing > 0) {
      const chunk = await this.chunk();
      if (chunk === undefined) {
        throw new Refusal(400, 'BodyTruncated', `The body ends ${missing} bytes too early.`);
      }
      parts.push(chunk.subarray(0, missing));
      this.#rest = chunk.subarray(missing);
      missing -= Math.min(chunk.length, missing);
    }
    const [first = NOTHING] = parts;
    return parts.length === 1 ? first : Buffer.concat(parts);
  }

  /** The next bytes, or undefined at the end. */
  async chunk(): Promise<Buffer | undefined> {
    if (this.#rest.length > 0) {
      const rest = this.#rest;
      this.#rest = NOTHING;
      return rest;
    }
    const next = await this.#source.next();
    return next.value;
  }
}
