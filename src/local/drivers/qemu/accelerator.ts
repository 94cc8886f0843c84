import { open } from 'node:fs/promises';
import type { Accelerator } from './arguments.ts';

/** The host's virtualisation where this user may use it, otherwise translation. */
export async function findAccelerator(): Promise<Accelerator> {
  try {
    const device = await open('/dev/kvm', 'r+');
    await device.close();
    return 'kvm';
  } catch {
    return 'tcg';
  }
}
