import type { NodeHandler } from '../load/handler.ts';
import type { Exchange } from './exchange.ts';
import type { Invocation } from './invocation.ts';
import { looksLikeAnswer, mismatch } from './mismatch.ts';

/**
 * Runs a `(req, res)` handler on Node's own objects. Settles with what the
 * handler returns; the answer may well go on after that. What can only be meant as
 * an answer becomes one if it is a Response, and is refused otherwise: nobody would write one.
 */
export async function runNode(
  handler: NodeHandler,
  invocation: Invocation,
  { req, res }: Exchange,
): Promise<void> {
  const value = await handler(req, res);
  if (value === undefined || res.headersSent || invocation.answerOver) return;
  const { isResponse, sendResponse } = await import('./response.ts');
  if (isResponse(value)) await sendResponse(value, invocation, res);
  else if (looksLikeAnswer(value)) throw mismatch('Node', value);
}
