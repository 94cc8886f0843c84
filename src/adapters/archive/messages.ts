import type { SourceReason } from '../../operator/sources/problem.ts';

/** To the thread: one archive, whose memory goes with it. */
export interface UnpackOrder {
  readonly archive: ArrayBuffer;
}

/** From the thread: all contents one after the other in one piece of memory, which goes with the message. */
export type UnpackAnswer =
  | {
      readonly contents: ArrayBuffer;
      /** In the order of the contents; bytes. */
      readonly files: readonly { readonly path: string; readonly size: number }[];
    }
  | { readonly reason: SourceReason; readonly detail: string };
