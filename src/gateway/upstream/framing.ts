import { ChunkedDecoder } from './chunked.ts';
import type { AnswerHead } from './head.ts';

/** Where an answer's body ends. */
export type Framing =
  | { readonly kind: 'length'; left: number }
  | { readonly kind: 'chunked'; readonly decoder: ChunkedDecoder }
  | { readonly kind: 'close' };

/** RFC 9112, 6.3. @param method of the request */
export function framingOf(head: AnswerHead, method: string): Framing {
  if (method === 'HEAD' || head.status === 204 || head.status === 304) {
    return { kind: 'length', left: 0 };
  }
  if (head.chunked) return { kind: 'chunked', decoder: new ChunkedDecoder() };
  return head.length < 0 ? { kind: 'close' } : { kind: 'length', left: head.length };
}
