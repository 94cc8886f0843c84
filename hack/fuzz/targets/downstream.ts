/** What a client sends: a real gateway on the loopback, an agent behind it, and connections that are reset. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { Registry } from '@prometheus-io/client';
import { HEADERS } from '../../../src/api/agent-protocol.ts';
import type { Endpoint } from '../../../src/api/gateway-protocol.ts';
import type { ControlStream } from '../../../src/gateway/control/control-stream.ts';
import { createGateway, type Gateway } from '../../../src/gateway/gateway.ts';
import { DEFAULT_OPTIONS } from '../../../src/gateway/options.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { silentLogger } from '../../../src/runtime/log.ts';
import { must, piecesOf, type Input, type Target } from '../target.ts';

const APPLICATION = 'default/hello@default/node';
const TOKEN = 'the token of the only VM';
const HOST = '127.0.0.1';
/** Turns of the event loop in which an answer may come before the client resets. */
const TURNS = 40;
const SMALL = { maxHeaderBytes: 4_096, maxBodyBytes: 65_536, drainGraceMs: 0, drainMs: 100 };

export async function open(): Promise<Target> {
  const faults: string[] = [];
  const agent = await startAgent(faults);
  const gateway = startGateway((agent.address() as AddressInfo).port);
  const port = await gateway.start();
  return {
    ...INPUTS,
    async run(input) {
      await send(port, input);
      must(faults.length === 0, faults.splice(0).join('; '));
    },
    async close() {
      must(await answers(port), 'the gateway answers after all that');
      await gateway.stop();
      agent.closeAllConnections();
      agent.close();
    },
  };
}

const LINE = 'GET /default/hello/ HTTP/1.1\r\nhost: h\r\n';
const INPUTS = {
  seeds: [
    `${LINE}\r\n`,
    `${LINE}connection: upgrade\r\nupgrade: websocket\r\n\r\nraw`,
    `POST /default/hello/a?b HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\n\r\nbody${LINE}\r\n`,
    `PUT /default/hello/ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n`,
    `POST /default/hello/ HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\nbody`,
    `GET /default/hello/ HTTP/1.0\r\nconnection: x, keep-alive\r\nx: y\r\ntracestate: a=b\r\n\r\n`,
    `CONNECT h:1 HTTP/1.1\r\nhost: h:1\r\n\r\n`,
  ].map((text) => Buffer.from(text, 'latin1')),
  tokens: [
    ...[
      LINE,
      '\r\n',
      '\n',
      '\r',
      ': ',
      ' ',
      '\t',
      '\0',
      ',',
      '0\r\n\r\n',
      '..',
      '%2e',
      '%2f',
      '//',
    ],
    ...['content-length: ', 'transfer-encoding: chunked\r\n', 'connection: close, ', 'host: x\r\n'],
    ...[
      'upgrade: h2c\r\n',
      `${HEADERS.token}: x\r\n`,
      `${HEADERS.function}: other\r\n`,
      'expect: ',
    ],
    ...['/.osv-faas/state', 'HTTP/1.1\r\n', 'x-forwarded-for: 1\r\n', 'traceparent: 00-', 'PRI * '],
  ],
};

function startGateway(agentPort: number): Gateway {
  const route = { key: 'default/hello', namespace: 'default', name: 'hello', timeoutMs: 1_000 };
  const open = { hosts: undefined, prefix: undefined, methods: undefined };
  const endpoint: Endpoint = { vmId: 'vm', address: `${HOST}:${agentPort}`, slots: 64, boundAt: 0 };
  const applications = [{ application: APPLICATION, endpoints: [endpoint] }];
  const stream: ControlStream = {
    up: true,
    start: (listener) => {
      listener.opened();
      listener.message({ type: 'snapshot', applications });
    },
    send: () => undefined,
    close: () => Promise.resolve(),
  };
  return createGateway(
    {
      routes: {
        synced: true,
        subscribe(listener) {
          listener.changed([{ ...route, ...open, applicationId: APPLICATION, createdAt: '' }]);
        },
      },
      tokenOf: () => TOKEN,
      registry: new Registry(),
      clock: systemClock,
      log: silentLogger,
      stream,
    },
    { ...DEFAULT_OPTIONS, ...SMALL, host: HOST, port: 0 },
  );
}

/** An agent that is told what only its gateway may tell it. */
async function startAgent(faults: string[]): Promise<Server> {
  const server = createServer((req, res) => {
    if (!isOurs(req)) faults.push(`the agent was sent ${JSON.stringify(req.rawHeaders)}`);
    req.resume();
    res.end('ok');
  });
  server.on('upgrade', (req, socket) => {
    if (!isOurs(req)) faults.push(`the agent was sent ${JSON.stringify(req.rawHeaders)}`);
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 426 Upgrade Required\r\ncontent-length: 0\r\n\r\n');
  });
  server.on('clientError', (error: ParseError, socket) => {
    const packet = JSON.stringify(error.rawPacket?.toString('latin1'));
    if (!BROKEN_OFF.has(error.code))
      faults.push(`the agent cannot read ${packet}: ${error.message}`);
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return server;
}

/** A request that its client broke off is broken off here too. */
const BROKEN_OFF: ReadonlySet<string | undefined> = new Set([
  'ECONNRESET',
  'HPE_INVALID_EOF_STATE',
]);

interface ParseError extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer;
}

function isOurs(req: IncomingMessage): boolean {
  const { [HEADERS.token]: tokens, [HEADERS.function]: functions } = req.headersDistinct;
  return tokens?.join() === TOKEN && functions?.join() === 'hello';
}

async function send(port: number, input: Input): Promise<void> {
  const socket = await connected(port);
  socket.resume();
  socket.on('error', () => undefined);
  for (const piece of spread(input)) {
    if (!socket.writable) break;
    socket.write(piece);
    await turn();
  }
  for (let left = TURNS; left > 0 && socket.bytesRead === 0; left -= 1) await turn();
  socket.resetAndDestroy();
}

/** Not more pieces than a connection is worth. */
function* spread(input: Input): Generator<Buffer> {
  const least = Math.ceil(input.bytes.length / 16);
  yield* piecesOf({ ...input, cuts: input.cuts.map((size) => Math.max(size, least)) });
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: HOST, noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      resolve(socket);
    });
  });
}

async function answers(port: number): Promise<boolean> {
  const answer = await fetch(`http://${HOST}:${port}/default/hello/`);
  return answer.status === 200 && (await answer.text()) === 'ok';
}
