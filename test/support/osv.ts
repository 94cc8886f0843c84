/** Tests in real OSv: `OSV_KERNEL=/path/to/loader-stripped.elf npm run test:osv`. */
import { describe } from '@jest/globals';
import { OSV_KERNEL } from './osv-guest.ts';

export * from './osv-guest.ts';

/** Reported as skipped where there is no kernel to test with. */
export const describeOsv = OSV_KERNEL === undefined ? describe.skip : describe;
