/** Fuzzes one target in a thread of its own, so that whoever waits can tell a hang. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { fuzz, type Fault } from './fuzz.ts';
import { openTarget, type TargetName } from './targets.ts';

export interface Order {
  readonly name: TargetName;
  readonly seed: number;
  readonly inputs: number;
}

export type Report =
  | { readonly kind: 'progress'; readonly done: number }
  /** Bytes that live on, after the first tenth and at the end. */
  | { readonly kind: 'over'; readonly fault: Fault | undefined; readonly grown: number };

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function live(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function main({ name, seed, inputs }: Order): Promise<void> {
  const target = await openTarget(name);
  let before = 0;
  const progress = (done: number): void => {
    if (before === 0 && done >= inputs / 10) before = live();
    parentPort?.postMessage({ kind: 'progress', done } satisfies Report);
  };
  const fault = await fuzz(name, target, { seed, inputs, progress });
  const grown = live() - before;
  await target.close?.();
  parentPort?.postMessage({ kind: 'over', fault, grown } satisfies Report);
}

await main(workerData as Order);
