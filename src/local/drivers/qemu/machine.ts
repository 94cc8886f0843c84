import type { Vmi } from '../../../api/kubevirt.ts';
import { bytesOf } from '../../../domain/quantity.ts';

const MIB = 1024 ** 2;

/** What of a VMI makes a machine on one host. */
export interface Machine {
  readonly name: string;
  /** q35 or one of its versions. */
  readonly type: string;
  readonly memoryMib: number;
  readonly cores: number;
  /** A named model; undefined takes what the accelerator does best. */
  readonly cpuModel: string | undefined;
  readonly kernelArgs: string;
  readonly randomness: boolean;
  readonly macAddress: string | undefined;
}

/** KubeVirt's words for "like the host". */
const HOST_MODELS: ReadonlySet<string> = new Set(['host-model', 'host-passthrough']);

/** @throws Error that names the field which this driver cannot make a machine of */
export function machineOf({ metadata, spec }: Vmi): Machine {
  const { domain } = spec;
  const { devices, cpu } = domain;
  const type = domain.machine?.type ?? 'q35';
  if (!/^(pc-)?q35/.test(type)) throw invalid('machine.type', 'q35', type);
  const kernelArgs = domain.firmware?.kernelBoot?.kernelArgs ?? '';
  if (kernelArgs === '') throw invalid('firmware.kernelBoot.kernelArgs', 'set', 'nothing');
  const bytes = bytesOf(domain.memory?.guest ?? '128Mi');
  if (bytes % MIB !== 0 || bytes < 16 * MIB) {
    throw invalid('memory.guest', 'whole MiB, 16 or more', String(domain.memory?.guest));
  }
  const model = cpu?.model ?? 'host-model';
  return {
    name: metadata.name,
    type,
    memoryMib: bytes / MIB,
    cores: (cpu?.sockets ?? 1) * (cpu?.cores ?? 1) * (cpu?.threads ?? 1),
    cpuModel: HOST_MODELS.has(model) ? undefined : model,
    kernelArgs,
    randomness: devices.rng !== undefined,
    macAddress: devices.interfaces?.[0]?.macAddress,
  };
}

/** Reference of the root disk's image, for `--image REF=DIR`. */
export function diskReference({ spec }: Vmi): string | undefined {
  return spec.volumes?.find(({ containerDisk }) => containerDisk !== undefined)?.containerDisk
    ?.image;
}

function invalid(field: string, rule: string, got: string): Error {
  return new Error(`the QEMU driver needs spec.domain.${field} to be ${rule}, it is ${got}`);
}
