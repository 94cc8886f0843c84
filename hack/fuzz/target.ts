/** One party's bytes, as they might come from a socket: in pieces, and broken off at the end or not. */
export interface Input {
  readonly bytes: Buffer;
  /** Sizes of the pieces, by turns, from the first again when they are used up. */
  readonly cuts: readonly number[];
}

/** A parser of the product, and what must hold for it whatever comes. */
export interface Target {
  /** Well-formed inputs: the fuzzer spoils them. */
  readonly seeds: readonly Buffer[];
  /** What the format is made of: inputs are put together of these as well. */
  readonly tokens: readonly (Buffer | string)[];
  /** @throws whatever it is, it is a fault of the product, not of the input */
  run(input: Input): void | Promise<void>;
  close?(): Promise<void>;
}

/** The pieces in which the bytes come. */
export function* piecesOf({ bytes, cuts }: Input): Generator<Buffer> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = cuts.length === 0 ? bytes.length : Math.max(1, cuts[turn % cuts.length] ?? 1);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** A fault: what the product should have kept to. */
export function must(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(`broken rule: ${rule}`);
}
