/**
 * Does once, while the VM is generic, what the first bind and the first
 * invocation would otherwise wait for: Node loads its own parts on first use.
 */
export async function warmUp(): Promise<void> {
  await import('./invoke/fetch.ts');
  await import('./invoke/lambda.ts');
  const request = new Request('http://localhost/', { signal: new AbortController().signal });
  await new Response(request.url).text();
  // The loader of user modules.
  const nothing = 'data:text/javascript,export default 1';
  await import(nothing);
}
