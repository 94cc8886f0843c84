import type { Vmi } from '../../api/kubevirt.ts';

/** How a guest ended that nobody had asked to end. */
export interface GuestEnd {
  /** It powered itself off, rather than crashed or was killed for its memory. */
  readonly orderly: boolean;
  readonly detail: string;
}

/** A running guest. */
export interface Guest {
  readonly ipAddress: string;
  /** File of what the guest writes to its console. */
  readonly consoleLog: string;
  /** Resolves when it can be connected to; never, when it ends before. */
  readonly up: Promise<void>;
  /** Resolves when the guest is gone, whoever ended it. */
  readonly ended: Promise<GuestEnd>;
  /** Ends it at once; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Makes a VMI a guest on this machine. */
export interface Driver {
  readonly name: string;
  /** One sentence on what separates guests from each other and from the machine. */
  readonly isolation: string;
  /** Memory that a guest takes of this machine beside its own. */
  readonly overheadBytes: number;
  /** How many times slower a guest runs than this machine's processors. */
  readonly slowdown: number;
  /** Resolves with a sentence when no guest can be started any more. */
  readonly died: Promise<string>;
  /** @throws Error when this driver cannot make such a guest; the message stands in the VMI */
  start(vmi: Vmi): Promise<Guest>;
  stop(): Promise<void>;
}
