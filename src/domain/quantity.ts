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

/**
 * What KubeVirt 1.9 needs on the node beside the guest on amd64, without graphics: its
 * processes, a share for each processor, and the guest's page tables
 * (pkg/hypervisor/kvm/hypervisorbackend.go; measured at 1 core and 128Mi: 256.25Mi).
 */
const OVERHEAD_BYTES = 248 * 1024 ** 2;
const OVERHEAD_BYTES_PER_CORE = 8 * 1024 ** 2;
const GUEST_BYTES_PER_OVERHEAD_BYTE = 512;
const SERIAL_LOG_BYTES = 35e6;

export interface MachineMemory {
  readonly cpu: { readonly cores: number };
  readonly memory: string | number;
  readonly serialLog: boolean;
}

/** Bytes that one VM of this shape takes on a node, KubeVirt's own overhead included. */
export function nodeBytesOf({ cpu, memory, serialLog }: MachineMemory): number {
  const guest = bytesOf(memory);
  const overhead =
    OVERHEAD_BYTES + OVERHEAD_BYTES_PER_CORE * cpu.cores + guest / GUEST_BYTES_PER_OVERHEAD_BYTE;
  return Math.round(guest + overhead + (serialLog ? SERIAL_LOG_BYTES : 0));
}
