const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
};

/** Bytes of a Kubernetes quantity such as `128Mi`; the CRD admits only what is read here. */
export function bytesOf(quantity: string | number): number {
  const match = /^(\d+)(Ki|Mi|Gi|k|M|G)?$/.exec(String(quantity));
  return match === null ? 0 : Number(match[1]) * (UNITS[match[2] ?? ''] ?? 1);
}

/** What KubeVirt needs on the node beside the guest (measured with KubeVirt 1.9 on amd64, no graphics). */
const OVERHEAD_BYTES = 256.25 * 1024 ** 2;
const SERIAL_LOG_BYTES = 35e6;

export interface MachineMemory {
  readonly memory: string | number;
  readonly serialLog: boolean;
}

/** Bytes that one VM of this shape takes on a node, KubeVirt's own overhead included. */
export function nodeBytesOf(machine: MachineMemory): number {
  return Math.round(
    bytesOf(machine.memory) + OVERHEAD_BYTES + (machine.serialLog ? SERIAL_LOG_BYTES : 0),
  );
}
