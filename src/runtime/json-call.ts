import { Agent, request, type Dispatcher } from 'undici';

/** Of an answer's body, in bytes. */
const MAX_BODY = 1024 * 1024;
const MAX_HEAD = 16 * 1024;

export interface JsonCall {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
  /** From the first byte sent to the last received, connecting included; milliseconds. */
  readonly timeoutMs: number;
}

export interface JsonAnswer {
  readonly status: number;
  /** Undefined for what is no JSON. */
  readonly value: unknown;
}

/** Connections on which an answer cannot be larger than {@link MAX_BODY}. */
export function boundedAgent(options: Agent.Options = {}): Agent {
  return new Agent({ maxResponseSize: MAX_BODY, maxHeaderSize: MAX_HEAD, ...options });
}

/**
 * One request whose answer is JSON, bounded in size (by the dispatcher) and in total time.
 * Rejects when no answer comes whole.
 */
export async function callJson(
  dispatcher: Dispatcher,
  url: string,
  { method, headers = {}, body, timeoutMs }: JsonCall,
): Promise<JsonAnswer> {
  // Not only between two bytes: an answer that trickles would never end.
  const signal = AbortSignal.timeout(timeoutMs);
  const answer = await request(url, { method, headers, body: body ?? null, dispatcher, signal });
  const text = await answer.body.text();
  return { status: answer.statusCode, value: parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
