/** One guest's way to and from this host. */
export interface Link {
  /** Value of QEMU's `-netdev`. */
  readonly netdev: string;
  close(): Promise<void>;
}

/** Makes a guest reachable at an address of its own. */
export interface Network {
  readonly name: string;
  /** @throws Error when the link cannot be made */
  attach(guest: string, address: string): Promise<Link>;
}

/** The same in every guest, as behind KubeVirt's masquerade: a network has one guest. */
export const GUEST_NETWORK = {
  address: '10.0.2.15',
  prefix: 24,
  router: '10.0.2.2',
  dns: '10.0.2.3',
} as const;
