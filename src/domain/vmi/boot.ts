import type { V1Disk, V1Firmware, V1Volume } from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import type { OsvPoolSpec } from '../../api/types.ts';
import { identityDisk, type GuestIdentity } from './identity.ts';
import { kernelArgs } from './kernel-args.ts';

/** What a guest starts from, in the order in which it sees its disks. */
export interface Boot {
  readonly firmware?: V1Firmware;
  readonly disks: V1Disk[];
  readonly volumes: V1Volume[];
}

/**
 * Kernel: the command line names program and identity. Bios: the disk holds kernel and
 * command line, the same for all, and the identity comes on a second small disk.
 */
export function bootOf(spec: OsvPoolSpec, identity: GuestIdentity): Boot {
  const root = rootVolume(spec);
  // The default bus is SATA, which KubeVirt refuses for a read-only disk.
  const disk = { name: root.name, disk: { bus: 'virtio' as const, readonly: true } };
  const { kernel } = spec.image;
  if (kernel === undefined) {
    const own = identityDisk(identity);
    return { disks: [{ ...disk, bootOrder: 1 }, own.disk], volumes: [root, own.volume] };
  }
  const { image, path, pullPolicy } = kernel;
  const container = { image, kernelPath: path, imagePullPolicy: pullPolicy };
  return {
    firmware: { kernelBoot: { kernelArgs: kernelArgs(spec, identity), container } },
    disks: [disk],
    volumes: [root],
  };
}

/** The CRD admits exactly one of the two. */
function rootVolume({ image }: OsvPoolSpec): V1Volume {
  const { containerDisk, persistentVolumeClaim } = image.disk;
  if (containerDisk === undefined) {
    const claimName = persistentVolumeClaim?.claimName ?? '';
    return { name: 'root', persistentVolumeClaim: { claimName, readOnly: true } };
  }
  const { image: reference, path, pullPolicy } = containerDisk;
  return { name: 'root', containerDisk: { image: reference, path, imagePullPolicy: pullPolicy } };
}
