import type { KernelRange } from '../kernel.ts';
import type { Activity } from './plan.ts';

/**
 * Reads the text of QEMU's `info registers -a`: `RIP=…` and `HLT=` of each processor.
 * The busiest speaks for all: one in the program, otherwise one in the kernel.
 */
export function activityOf(registers: string, kernel: KernelRange): Activity | undefined {
  const processors = [...registers.matchAll(/RIP=([0-9a-f]+).*?HLT=([01])/gs)].map(
    ([, address, halted]): Activity => {
      if (halted === '1') return 'halted';
      const at = BigInt(`0x${address ?? '0'}`);
      return at >= kernel.begin && at < kernel.end ? 'kernel' : 'program';
    },
  );
  if (processors.length === 0) return undefined;
  if (processors.includes('program')) return 'program';
  return processors.includes('kernel') ? 'kernel' : 'halted';
}
