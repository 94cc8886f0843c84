import type { Machine } from './machine.ts';

export type Accelerator = 'kvm' | 'tcg';

/** Where one machine's parts are on this host. */
export interface Place {
  readonly accelerator: Accelerator;
  /** Of a machine that starts from one. */
  readonly kernel: string;
  readonly disk: string;
  /** Second disk, of a machine that starts from a disk. */
  readonly identityDisk?: string;
  readonly console: string;
  readonly qmpSocket: string;
  /** Value of `-netdev`, with the id {@link NETDEV}. */
  readonly netdev: string;
  /** File of a saved guest, read from file descriptor 3, instead of a boot. */
  readonly restore?: string | undefined;
}

export const NETDEV = 'net0';

/** TCG's translations of one guest, MiB. QEMU's own default is a quarter of the host's memory. */
const TRANSLATIONS_MIB = 32;

/** The words after `qemu-system-x86_64`: a function of the VMI and its place alone. */
export function qemuArguments(machine: Machine, place: Place): string[] {
  return [
    ...['-name', machine.name],
    ...['-machine', `${machine.type},usb=off,vmport=off,graphics=off`],
    ...['-accel', place.accelerator === 'tcg' ? `tcg,tb-size=${TRANSLATIONS_MIB}` : 'kvm'],
    ...['-cpu', machine.cpuModel ?? (place.accelerator === 'kvm' ? 'host' : 'max')],
    ...['-smp', String(machine.cores)],
    ...['-m', `${machine.memoryMib}M`],
    // A guest that resets itself has failed: it ends instead of starting again.
    ...['-no-user-config', '-nodefaults', '-no-reboot', '-display', 'none', '-monitor', 'none'],
    // A guest that breaks out of its machine can start nothing and become nobody else.
    ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
    ...kernelArguments(machine, place),
    ...diskArguments('root', place.disk),
    ...(place.identityDisk === undefined ? [] : diskArguments('identity', place.identityDisk)),
    ...networkArguments(machine, place.netdev),
    ...(machine.randomness ? ['-device', 'virtio-rng-pci'] : []),
    ...['-chardev', `file,id=console,append=on,path=${escape(place.console)}`],
    ...['-serial', 'chardev:console'],
    ...['-qmp', `unix:${escape(place.qmpSocket)},server=on,wait=off`],
    ...(place.restore === undefined ? [] : ['-incoming', 'fd:3']),
  ];
}

function kernelArguments({ start }: Machine, { kernel }: Place): string[] {
  return start.kind === 'kernel' ? ['-kernel', kernel, '-append', start.kernelArgs] : [];
}

/** Read-only for QEMU too: any number of guests may open one file. */
function diskArguments(id: string, file: string): string[] {
  return [
    ...['-drive', `if=none,id=${id},format=raw,readonly=on,file=${escape(file)}`],
    // OSv stops when it is offered more queues than interrupt vectors.
    ...['-device', `virtio-blk-pci,drive=${id},num-queues=1`],
  ];
}

function networkArguments({ macAddress }: Machine, netdev: string): string[] {
  const mac = macAddress === undefined ? '' : `,mac=${macAddress}`;
  // Nobody boots from the network: without its option ROM the device is there sooner.
  return ['-netdev', netdev, '-device', `virtio-net-pci,netdev=${NETDEV},romfile=${mac}`];
}

/** In QEMU's option lists a comma inside a value is written twice. */
export function escape(value: string): string {
  return value.replaceAll(',', ',,');
}
