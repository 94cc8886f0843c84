import type { V1CPU } from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import type { Vmi } from '../../../api/kubevirt.ts';
import { bytesOf } from '../../../domain/quantity.ts';

const MIB = 1024 ** 2;

/** A kernel with its command line, or a disk that boots by itself and a second one that says who the guest is. */
export type Start =
  | { readonly kind: 'kernel'; readonly kernelArgs: string }
  | { readonly kind: 'disk'; readonly identity: string };

/** What of a VMI makes a machine on one host. */
export interface Machine {
  readonly name: string;
  /** q35 or one of its versions. */
  readonly type: string;
  readonly memoryMib: number;
  readonly cores: number;
  /** A named model; undefined takes what the accelerator does best. */
  readonly cpuModel: string | undefined;
  readonly start: Start;
  readonly randomness: boolean;
  readonly macAddress: string | undefined;
}

/** KubeVirt's words for "like the host". */
const HOST_MODELS: ReadonlySet<string> = new Set(['host-model', 'host-passthrough']);

/** @throws Error that names the field which this driver cannot make a machine of */
export function machineOf(vmi: Vmi): Machine {
  const { machine, memory, cpu, devices } = vmi.spec.domain;
  const type = machine?.type ?? 'q35';
  if (!/^(pc-)?q35/.test(type)) throw invalid('domain.machine.type', 'q35', type);
  return {
    name: vmi.metadata.name,
    type,
    memoryMib: memoryMib(memory?.guest ?? '128Mi'),
    ...processorOf(cpu ?? {}),
    start: startOf(vmi),
    randomness: devices.rng !== undefined,
    macAddress: devices.interfaces?.[0]?.macAddress,
  };
}

function memoryMib(guest: string): number {
  const bytes = bytesOf(guest);
  if (bytes % MIB === 0 && bytes >= 16 * MIB) return bytes / MIB;
  throw invalid('domain.memory.guest', 'whole MiB, 16 or more', guest);
}

function processorOf(cpu: V1CPU): Pick<Machine, 'cores' | 'cpuModel'> {
  const { sockets = 1, cores = 1, threads = 1, model = 'host-model' } = cpu;
  return {
    cores: sockets * cores * threads,
    cpuModel: HOST_MODELS.has(model) ? undefined : model,
  };
}

function startOf({ spec }: Vmi): Start {
  const identity = spec.volumes?.find(({ cloudInitNoCloud }) => cloudInitNoCloud !== undefined)
    ?.cloudInitNoCloud?.userData;
  if (identity !== undefined) return { kind: 'disk', identity };
  const kernelArgs = spec.domain.firmware?.kernelBoot?.kernelArgs ?? '';
  if (kernelArgs !== '') return { kind: 'kernel', kernelArgs };
  throw invalid('domain.firmware.kernelBoot.kernelArgs', 'set', 'nothing');
}

/** Reference of the root disk's image, for `--image REF=DIR`. */
export function diskReference({ spec }: Vmi): string | undefined {
  return spec.volumes?.find(({ containerDisk }) => containerDisk !== undefined)?.containerDisk
    ?.image;
}

function invalid(field: string, rule: string, got: string): Error {
  return new Error(`the QEMU driver needs spec.${field} to be ${rule}, it is ${got}`);
}
