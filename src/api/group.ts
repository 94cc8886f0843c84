/** Names that operator, gateways, VMs and users share: API group, labels, keys. */

export const GROUP = 'faas.osv.io';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;
export const FINALIZER = `${GROUP}/cleanup`;
export const FIELD_MANAGER = 'osv-faas';

export const KUBEVIRT_API_VERSION = 'kubevirt.io/v1';

export const LABELS = {
  /** Present on every VMI that the operator creates; on its launcher pod too. */
  managedBy: 'app.kubernetes.io/managed-by',
  /** Name of the OsvPool; the VMI lives in the pool's namespace. */
  pool: `${GROUP}/pool`,
  runtime: `${GROUP}/runtime`,
  /** Hash of everything in the pool that shapes a VM. */
  poolRevision: `${GROUP}/pool-revision`,
  /** Identity of the VM that its agent knows from the kernel command line. */
  vmId: `${GROUP}/vm-id`,
  /** Written behind the bind, for people and for gateways that restart without an operator. */
  application: `${GROUP}/application`,
  applicationNamespace: `${GROUP}/application-namespace`,
  state: `${GROUP}/state`,
} as const;

export const ANNOTATIONS = {
  boundAt: `${GROUP}/bound-at`,
  /** Digest of the application revision that was bound. */
  revision: `${GROUP}/revision`,
  slots: `${GROUP}/slots`,
  /** `sha256:` and digest of the disk that the pool asks for; at creation. */
  imageDigest: `${GROUP}/image-digest`,
} as const;

export const MANAGED_BY = 'osv-faas';

/** What the operator knows of a VM that is up. A VM without this label is starting or generic. */
export type VmLabelState = 'bound' | 'draining';

/** Port of the agent inside every VM. */
export const AGENT_PORT = 8080;
