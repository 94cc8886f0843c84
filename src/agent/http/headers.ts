import type { IncomingMessage } from 'node:http';

/** Headers between gateway and agent; function code neither sees nor sends them. */
export const OWN_PREFIX = 'osv-faas-';

/** Removes the agent's own headers from a request, in every form that Node shows. */
export function hideOwnHeaders(req: IncomingMessage): void {
  const raw = req.rawHeaders;
  let kept = 0;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    if (isOwn(name)) {
      Reflect.deleteProperty(req.headers, name.toLowerCase());
    } else {
      raw[kept] = name;
      raw[kept + 1] = raw[index + 1] ?? '';
      kept += 2;
    }
  }
  raw.length = kept;
  // Node's own counts on the list's first length.
  Object.defineProperty(req, 'headersDistinct', {
    configurable: true,
    get: () => distinct(raw),
  });
}

function distinct(raw: readonly string[]): NodeJS.Dict<string[]> {
  const headers: NodeJS.Dict<string[]> = {};
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    (headers[name] ??= []).push(raw[index + 1] ?? '');
  }
  return headers;
}

export function isOwn(name: string): boolean {
  return name.length > OWN_PREFIX.length && name.toLowerCase().startsWith(OWN_PREFIX);
}

/** Headers of one connection (RFC 9110, 7.6.1): how bodies travel here is the agent's. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export function isHopByHop(name: string): boolean {
  return HOP_BY_HOP.has(name);
}
