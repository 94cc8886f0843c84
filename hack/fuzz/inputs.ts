import fc, { type Arbitrary } from 'fast-check';
import type { Input, Target } from './target.ts';

/** Longest run of one spoiled piece; longer inputs come of repetition. */
const MAX_REPEAT = 4_000;
const MAX_PIECES = 24;

type Edit = (bytes: Buffer) => Buffer;

/** Inputs for a target: spoiled seeds, tokens in any order, and noise; in arbitrary pieces. */
export function inputsFor({ seeds, tokens }: Target): Arbitrary<Input> {
  const parts = tokens.map((token) => Buffer.from(token as string));
  const kinds = [noise(), ofTokens(parts)];
  if (seeds.length > 0) kinds.push(spoiled(seeds, parts), spoiled(seeds, parts));
  // Without fast-check's liking for extremes: it would spoil nearly every seed at its first byte.
  return fc.noBias(fc.record({ bytes: fc.oneof(...kinds), cuts: cuts() }));
}

function cuts(): Arbitrary<number[]> {
  return fc.oneof(
    fc.constant<number[]>([]),
    fc.constant<number[]>([1]),
    fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 6 }),
  );
}

function noise(): Arbitrary<Buffer> {
  return fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));
}

/** Few bytes, a token, or one of them many times over. */
function piece(tokens: readonly Buffer[]): Arbitrary<Buffer> {
  const one = fc.oneof(noise(), ...(tokens.length > 0 ? [fc.constantFrom(...tokens)] : []));
  const many = fc
    .tuple(one, fc.integer({ min: 2, max: MAX_REPEAT }))
    .map(([bytes, count]) => Buffer.concat(Array<Buffer>(count).fill(bytes)));
  return fc.oneof({ arbitrary: one, weight: 40 }, { arbitrary: many, weight: 1 });
}

function ofTokens(tokens: readonly Buffer[]): Arbitrary<Buffer> {
  return fc.array(piece(tokens), { maxLength: MAX_PIECES }).map((pieces) => Buffer.concat(pieces));
}

/** A seed after a few edits, each anywhere. */
function spoiled(seeds: readonly Buffer[], tokens: readonly Buffer[]): Arbitrary<Buffer> {
  return fc
    .tuple(fc.constantFrom(...seeds), fc.array(edit(tokens), { maxLength: 4 }))
    .map(([seed, edits]) => edits.reduce((bytes, change) => change(bytes), seed));
}

function edit(tokens: readonly Buffer[]): Arbitrary<Edit> {
  // Not fc.double: as many of them are below any power of two as above.
  const at = fc.nat({ max: 9_999 }).map((of) => of / 10_000);
  const length = fc.nat({ max: 16 });
  return fc.oneof(
    fc.tuple(at, length, piece(tokens)).map(([where, gone, bytes]) => splice(where, gone, bytes)),
    fc.tuple(at, fc.nat({ max: 255 })).map(([where, byte]) => overwrite(where, byte)),
    at.map((where) => cutOff(where)),
  );
}

function splice(where: number, gone: number, put: Buffer): Edit {
  return (bytes) => {
    const at = Math.floor(where * bytes.length);
    return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + gone)]);
  };
}

function overwrite(where: number, byte: number): Edit {
  return (bytes) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[Math.min(copy.length - 1, Math.floor(where * copy.length))] = byte;
    return copy;
  };
}

function cutOff(where: number): Edit {
  return (bytes) => bytes.subarray(0, Math.floor(where * bytes.length));
}
