import type { V1Devices, V1DomainSpec } from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import type { NewVmi } from '../../api/kubevirt.ts';
import {
  AGENT_PORT,
  ANNOTATIONS,
  API_VERSION,
  KUBEVIRT_API_VERSION,
  LABELS,
  MANAGED_BY,
} from '../../api/group.ts';
import type { OsvPool, OsvPoolSpec } from '../../api/types.ts';
import { bootOf, type Boot } from './boot.ts';
import type { GuestIdentity } from './identity.ts';

export interface NewVm extends GuestIdentity {
  readonly name: string;
  /** {@link poolRevision} of the pool. */
  readonly revision: string;
}

/** KubeVirt adds levels of PCI bridges and resolves image digests unless told not to: both cost start time. */
const PLAIN = {
  'kubevirt.io/placePCIDevicesOnRootComplex': 'true',
  'kubevirt.io/image-volume-skip-digest-resolution': 'true',
};

/**
 * The VirtualMachineInstance of a generic VM. Labels that a network policy may
 * select must stand here: KubeVirt copies them to the launcher pod at creation only.
 */
export function buildVmi(pool: OsvPool, vm: NewVm): NewVmi {
  const { name, namespace, uid } = pool.metadata;
  const { digest } = pool.spec.image;
  const boot = bootOf(pool.spec, vm);
  return {
    apiVersion: KUBEVIRT_API_VERSION,
    kind: 'VirtualMachineInstance',
    metadata: {
      name: vm.name,
      namespace,
      labels: {
        [LABELS.managedBy]: MANAGED_BY,
        [LABELS.pool]: name,
        [LABELS.runtime]: pool.spec.runtime.toLowerCase(),
        [LABELS.poolRevision]: vm.revision,
        [LABELS.vmId]: vm.vmId,
      },
      annotations: digest === undefined ? PLAIN : { ...PLAIN, [ANNOTATIONS.imageDigest]: digest },
      ownerReferences: [
        {
          apiVersion: API_VERSION,
          kind: 'OsvPool',
          name,
          uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      architecture: 'amd64',
      // Nothing to flush: it is killed.
      terminationGracePeriodSeconds: 0,
      // A drain of its node asks for it, and the operator lets it go when nothing is in flight (docs/adr/0039).
      evictionStrategy: 'External',
      domain: domainOf(pool.spec, boot),
      networks: [{ name: 'default', pod: {} }],
      volumes: boot.volumes,
      ...networkOf(pool.spec),
      ...(pool.spec.scheduling as Partial<NewVmi['spec']> | undefined),
    },
  };
}

function domainOf({ machine, network }: OsvPoolSpec, { firmware, disks }: Boot): V1DomainSpec {
  const { cores, model, request } = machine.cpu;
  return {
    machine: { type: 'q35' },
    // maxSockets 1: nothing is set aside for processors that are plugged in later.
    cpu: { sockets: 1, cores, threads: 1, maxSockets: 1, model },
    memory: { guest: String(machine.memory) },
    resources: {
      requests: { cpu: String(request) },
      ...(machine.overcommitGuestOverhead ? { overcommitGuestOverhead: true } : {}),
    },
    ...(firmware === undefined ? {} : { firmware }),
    devices: { ...devicesOf(machine.serialLog, network.binding), disks },
  };
}

function devicesOf(serialLog: boolean, binding: OsvPoolSpec['network']['binding']): V1Devices {
  const attach =
    binding === 'Bridge' ? { bridge: {} } : { masquerade: {}, ports: [{ port: AGENT_PORT }] };
  return {
    autoattachGraphicsDevice: false,
    autoattachMemBalloon: false,
    autoattachInputDevice: false,
    autoattachSerialConsole: serialLog,
    logSerialConsole: serialLog,
    disableHotplug: true,
    rng: {},
    interfaces: [{ name: 'default', model: 'virtio', ...attach }],
  };
}

function networkOf({ network }: OsvPoolSpec): Partial<NewVmi['spec']> {
  const { dnsPolicy, dnsConfig } = network;
  return {
    ...(dnsPolicy === undefined ? {} : { dnsPolicy }),
    ...(dnsConfig === undefined ? {} : { dnsConfig }),
  };
}
