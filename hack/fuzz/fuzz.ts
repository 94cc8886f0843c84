import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { inputsFor } from './inputs.ts';
import type { Input, Target } from './target.ts';
import type { TargetName } from './targets.ts';

export interface Campaign {
  readonly seed: number;
  readonly inputs: number;
  /** After each batch: how many inputs were tried so far. */
  readonly progress?: (done: number) => void;
}

/** What went wrong, and the least input that does it. */
export interface Fault {
  /** Of the batch that found it: `--seed` with this finds it again at once. */
  readonly seed: number;
  readonly message: string;
  readonly bytes: Buffer;
  readonly cuts: readonly number[];
}

const BATCH = 5_000;
const CORPUS = new URL('seeds/', import.meta.url);

/** Tries what once went wrong, then new inputs. @returns the first fault, or undefined */
export async function fuzz(
  name: TargetName,
  target: Target,
  { seed, inputs, progress }: Campaign,
): Promise<Fault | undefined> {
  for (const input of kept(name)) {
    const fault = await tryOne(target, input);
    if (fault !== undefined) return { ...fault, seed };
  }
  const arbitrary = inputsFor(target);
  for (let done = 0; done < inputs; done += BATCH) {
    const numRuns = Math.min(BATCH, inputs - done);
    const batchSeed = (seed + done / BATCH) | 0;
    const property = fc.asyncProperty(arbitrary, async (input) => {
      await target.run(input);
    });
    const result = await fc.check(property, { numRuns, seed: batchSeed });
    if (result.failed) {
      const [{ bytes, cuts } = { bytes: Buffer.alloc(0), cuts: [] }] = result.counterexample ?? [];
      return { seed: batchSeed, message: describe(result.errorInstance), bytes, cuts };
    }
    progress?.(done + numRuns);
  }
  return undefined;
}

/** Inputs that broke something once, whole and byte by byte. */
function* kept(name: TargetName): Generator<Input> {
  for (const file of readdirSync(CORPUS).filter((entry) => entry.startsWith(`${name}-`))) {
    const bytes = readFileSync(new URL(file, CORPUS));
    yield { bytes, cuts: [] };
    yield { bytes, cuts: [1] };
  }
}

async function tryOne(target: Target, input: Input): Promise<Omit<Fault, 'seed'> | undefined> {
  try {
    await target.run(input);
    return undefined;
  } catch (error) {
    return { message: describe(error), ...input };
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
