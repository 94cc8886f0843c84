import { TEMPLATE_ID } from '../../api/agent-protocol.ts';

/** The id of a VM that was booted to be saved and restored many times; it belongs to nobody. */
export const TEMPLATE = TEMPLATE_ID;

/**
 * Who this VM is and whom it obeys: told by the kernel's command line, or, for a
 * VM restored from a template's snapshot, by the one call that follows.
 */
export class Identity {
  #vmId: string;
  #publicKey: string | undefined;

  constructor(vmId: string, publicKey: string | undefined) {
    this.#vmId = vmId;
    this.#publicKey = publicKey;
  }

  get vmId(): string {
    return this.#vmId;
  }

  /** The operator's; a template obeys nobody. */
  get publicKey(): string | undefined {
    return this.#publicKey;
  }

  get isTemplate(): boolean {
    return this.#publicKey === undefined;
  }

  /** Makes a restored template somebody. */
  adopt(vmId: string, publicKey: string): void {
    this.#vmId = vmId;
    this.#publicKey = publicKey;
  }
}
