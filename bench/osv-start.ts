/**
 * From the start of QEMU to the first answer: a guest of ours against a QEMU that is started
 * by hand with a bare Node server, same kernel, same disk; and the smallest memory of samples.
 */
import { osvImage } from '../test/support/osv-image.ts';
import { OSV_KERNEL } from '../test/support/osv-guest.ts';
import { failureIn, MEMORIES, SAMPLES, type Sample } from './lib/osv-samples.ts';
import { byHand, ours } from './lib/osv-starts.ts';
import { median, report, type Figure } from './lib/report.ts';

const ROUNDS = 10;

export default async function osvStart(): Promise<void> {
  if (OSV_KERNEL === undefined) {
    console.log('left out: OSV_KERNEL names no kernel');
    return;
  }
  await osvImage('node', OSV_KERNEL);
  report('osv-start', [...(await starts(OSV_KERNEL)), ...(await memories())]);
}

async function starts(kernel: string): Promise<Figure[]> {
  const times = { byHand: [] as number[], boot: [] as number[], snapshot: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    // In turn, so that what else the machine does meets all.
    times.byHand.push(await byHand(kernel));
    times.boot.push(await ours('boot'));
    times.snapshot.push(await ours('snapshot'));
  }
  const baseline = median(times.byHand);
  const all = { unit: 'ms', samples: ROUNDS };
  const against = (value: number): Partial<Figure> => ({
    baseline: `by hand ${Math.round(baseline)}`,
    ratio: value / baseline,
  });
  return (['boot', 'snapshot'] as const).map((how) => {
    const value = median(times[how]);
    return { figure: `start.${how}`, value, ...against(value), ...all };
  });
}

async function memories(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const name of SAMPLES) {
    figures.push({ figure: `memory.${name}`, value: await least(name), unit: 'MiB', samples: 1 });
  }
  return figures;
}

/** @throws Error when the largest is not enough: pools have that */
async function least(name: Sample): Promise<number> {
  let smallest: number | undefined;
  for (const memoryMib of MEMORIES) {
    const failure = await failureIn(name, memoryMib);
    if (failure !== undefined && smallest === undefined) {
      throw new Error(`${name} does not run in ${memoryMib} MiB: ${failure}`);
    }
    if (failure !== undefined) break;
    smallest = memoryMib;
  }
  return smallest ?? Number.NaN;
}
