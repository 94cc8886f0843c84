import type { Behaviour, Code } from './kind.ts';

/** One module, the handler its default export. */
export function nodeModule(source: string, path = 'index.mjs'): Code {
  return { handler: 'index.default', files: { [path]: source } };
}

const ms = `Number(new URL(req.url, 'http://x').searchParams.get('ms') ?? 0)`;

/** The contract's functions as Node-style handlers. */
export const NODE_CODE: Readonly<Record<Behaviour, Code>> = {
  echo: nodeModule(`export default async (req, res) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    res.end(JSON.stringify({ method: req.method, url: req.url, headers: req.headers, body }));
  }`),
  sleep: nodeModule(`let now = 0, peak = 0;
  export default async (req, res) => {
    peak = Math.max(peak, ++now);
    await new Promise((resolve) => setTimeout(resolve, ${ms}));
    now--;
    res.end(String(peak));
  }`),
  abortable: nodeModule(`export default { async fetch(req) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ${ms}, new Response('done'));
      req.signal.addEventListener('abort', () => {
        console.log('aborted: ' + req.signal.reason.name);
        clearTimeout(timer);
        resolve(new Response('late'));
      });
    });
  } }`),
  burn: nodeModule(`export default (req, res) => {
    const until = performance.now() + ${ms};
    while (performance.now() < until);
    res.end('burnt');
  }`),
  spin: nodeModule(`export default () => { for (;;); }`),
  env: nodeModule(`export default (req, res) => { res.end(JSON.stringify(process.env)); }`),
  pipe: nodeModule(`export default (req, res) => { req.pipe(res); }`),
  big: nodeModule(`export default (req, res) => {
    res.end('x'.repeat(Number(new URL(req.url, 'http://x').searchParams.get('bytes'))));
  }`),
  throws: nodeModule(`export default () => { throw new TypeError('secret of the function'); }`),
  throwsLate: nodeModule(`export default (req, res) => {
    res.write('begun');
    return new Promise((_, reject) => setTimeout(reject, 50, new Error('late')));
  }`),
  throwsAside: nodeModule(`export default (req, res) => {
    setTimeout(() => { throw new Error('aside'); }, ${ms});
    return new Promise(() => {});
  }`),
  exits: nodeModule(`export default () => { process.exit(3); }`),
  logs: nodeModule(`export default (req, res) => {
    console.log(new URL(req.url, 'http://x').searchParams.get('text'));
    res.end('logged');
  }`),
  upgrades: nodeModule(`export default (req, res) => { res.end('plain'); };
  export function upgrade(req, socket, head) {
    socket.write('HTTP/1.1 101 Switching Protocols\\r\\nconnection: upgrade\\r\\nupgrade: echo\\r\\n\\r\\n');
    socket.write(head);
    socket.on('data', (chunk) => socket.write(chunk));
    socket.on('end', () => socket.end());
  }`),
  syntaxError: nodeModule(`export default (\n  const x = ;\n`),
  missingHandler: {
    handler: 'index.nothere',
    files: { 'index.mjs': 'export const here = () => 1;' },
  },
  missingModule: nodeModule(`import 'left-pad-that-is-not-there';\nexport default () => 1;`),
};
