/**
 * Whose VM is whose, as the operator signs it (docs/adr/0029). A guest keeps and shows the
 * text; it can hide it or show another VM's, and cannot make one.
 */
export interface BindingClaim {
  readonly vmId: string;
  /** Id of the application. */
  readonly application: string;
  readonly revision: string;
  readonly slots: number;
  /** Id of the key that the VM's token is derived from. */
  readonly tokenKey: string;
  /** Milliseconds since the epoch. */
  readonly boundAt: number;
  /** When the operator that signed had started, milliseconds since the epoch. */
  readonly epoch: number;
}

/** What is signed begins with this, so that no other signature of the operator's can pass for a binding. */
export const BINDING_DOMAIN = 'osv-faas-binding/1\n';

/** Of a text from a guest that is worth looking at. */
export const MAX_BINDING_CHARS = 4_096;
