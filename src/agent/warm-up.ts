import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { operatorKey, isSigned } from './control/signature.ts';

/**
 * Does once, while the VM is generic, what the first bind and the first
 * invocation would otherwise wait for: Node loads its own parts on first use.
 */
export async function warmUp(publicKey: string): Promise<void> {
  await warmBind(publicKey);
  await import('./invoke/fetch.ts');
  await import('./invoke/lambda.ts');
  const request = new Request('http://localhost/', { signal: new AbortController().signal });
  await new Response(request.url).text();
}

async function warmBind(publicKey: string): Promise<void> {
  for await (const chunk of Readable.from([Buffer.from('{}')]) as AsyncIterable<Buffer>) {
    const sha256 = createHash('sha256').update(chunk).digest('hex');
    const call = { method: 'POST', path: '/', vmId: '', sha256 };
    isSigned(operatorKey(publicKey), call, Buffer.alloc(64).toString('base64'));
  }
  // The loader of user modules.
  const nothing = 'data:text/javascript,export default 1';
  await import(nothing);
}
