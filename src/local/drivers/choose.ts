/** What `--driver` may say. */
export const DRIVER_NAMES = ['auto', 'qemu', 'process'] as const;
export type DriverName = (typeof DRIVER_NAMES)[number];

/** What is there of what QEMU guests need. */
export interface DriverFacts {
  /** Path of QEMU. */
  readonly qemu: string | undefined;
  readonly kernel: string | undefined;
  /** An image folder, which brings a kernel, was named for some reference. */
  readonly images: boolean;
}

export interface DriverChoice {
  readonly name: 'qemu' | 'process';
  /** For people: why this one; undefined when they asked for it. */
  readonly why: string | undefined;
}

const NO_QEMU = 'qemu-system-x86_64 is not installed (Debian: apt-get install qemu-system-x86)';
const NO_KERNEL = 'no OSv kernel is given (--kernel FILE or OSV_KERNEL)';

/** @throws Error when QEMU is asked for and something that it needs is missing */
export function chooseDriver(asked: DriverName, facts: DriverFacts): DriverChoice {
  if (asked === 'process') return { name: 'process', why: undefined };
  const missing = missingOf(facts);
  if (asked === 'qemu') {
    if (missing.length > 0) throw new Error(`--driver qemu: ${missing.join('; ')}`);
    return { name: 'qemu', why: undefined };
  }
  if (missing.length > 0) return { name: 'process', why: missing.join('; ') };
  return { name: 'qemu', why: 'QEMU and an OSv kernel are here' };
}

function missingOf({ qemu, kernel, images }: DriverFacts): string[] {
  return [
    ...(qemu === undefined ? [NO_QEMU] : []),
    ...(kernel === undefined && !images ? [NO_KERNEL] : []),
  ];
}
