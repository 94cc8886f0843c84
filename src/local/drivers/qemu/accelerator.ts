import { open, readFile } from 'node:fs/promises';
import type { Accelerator } from './arguments.ts';

/**
 * The host's virtualisation where the processor has it and this user may use it, otherwise
 * translation. A KVM without VMX or SVM (pvm, in a cloud's VM) has the device too, and cannot run OSv.
 */
export async function findAccelerator(): Promise<Accelerator> {
  try {
    if (!hasVirtualisation(await readFile('/proc/cpuinfo', 'utf8'))) return 'tcg';
    const device = await open('/dev/kvm', 'r+');
    await device.close();
    return 'kvm';
  } catch {
    return 'tcg';
  }
}

/** @param cpuinfo text of /proc/cpuinfo */
export function hasVirtualisation(cpuinfo: string): boolean {
  return /^flags\s*:.* (vmx|svm)( |$)/m.test(cpuinfo);
}
