/** Bearer tokens of VMs: which key they are derived from, and the tokens themselves. */
export interface Tokens {
  /** Id of the key that VMs are bound with from now on. */
  readonly keyId: string;
  /** Whether gateways can still speak to VMs that were bound with that key. */
  readonly knows: (keyId: string) => boolean;
  readonly tokenOf: (vmId: string, application: string, keyId?: string) => string;
}
