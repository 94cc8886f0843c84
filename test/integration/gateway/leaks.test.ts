import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { refuse, type AgentHandler } from './support/agent.ts';
import { call, raw, type Reply } from './support/client.ts';
import { APP, onCleanup, startGateway, startPair, type Bench } from './support/gateway.ts';
import { eventually } from './support/wait.ts';

/** What operators, agents and networks say, and what is nobody's business but the owner's. */
const SECRETS = [
  '10.42.0.7:9001',
  'https://u:p@store.internal/a.tar?X-Amz-Signature=SECRETSIG',
  'DB_PASSWORD=hunter2',
  'Error: boom\n    at load (file:///srv/faas/main.mjs:3:9)',
].join(' and ');
const MEMBERS = ['component', 'detail', 'reason', 'requestId', 'status', 'title', 'type'];

/** Everything that would be a leak, wherever it stands in an answer. */
function expectClean({ body, headers }: Reply): void {
  const text = `${body}\n${JSON.stringify({ ...headers, date: '' })}`;
  expect(text).not.toMatch(
    /\d{1,3}(\.\d{1,3}){3}|:\/\/|hunter2|SECRETSIG|\n? {4}at |\.[cm]?[jt]s\b/,
  );
  expect(text).not.toMatch(/E[A-Z]{4,}|vm-1|token/);
}

function documentOf(reply: Reply): Record<string, unknown> {
  const document = JSON.parse(reply.body) as Record<string, unknown>;
  expect(Object.keys(document).sort()).toEqual(MEMBERS);
  return document;
}

/** A port of which every connection ends as `end` says. */
async function vmAt(end: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    end(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onCleanup(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

async function inFrontOf(port: number): Promise<Bench> {
  const bench = await startGateway({ maxAttempts: 1, timers: { queueMs: 200 } });
  const address = `127.0.0.1:${port}`;
  bench.operator.snapshot(APP, [{ vmId: 'vm-1', address, slots: 1, boundAt: 0 }]);
  return bench;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a problem names no address, no URL, no value and no stack, the log has the cause:', () => {
  const answers = (bytes: string) => (socket: Socket) => {
    socket.once('data', () => socket.write(bytes, 'latin1'));
  };
  test.each([
    {
      why: 'a VM that resets',
      end: (socket: Socket) => socket.once('data', () => socket.resetAndDestroy()),
      reason: 'ConnectionLost',
      cause: /ECONNRESET/,
    },
    {
      why: 'a VM that hangs up',
      end: (socket: Socket) => socket.once('data', () => socket.end()),
      reason: 'ConnectionLost',
      cause: /closed the connection/,
    },
    {
      why: 'an answer that is none',
      end: answers(`${SECRETS}\r\n\r\n`),
      reason: 'AnswerInvalid',
      cause: /status line/,
    },
    {
      why: 'a header that is none',
      end: answers(`HTTP/1.1 200 OK\r\n${SECRETS}\u0001: x\r\n\r\n`),
      reason: 'AnswerInvalid',
      cause: /header line/,
    },
    {
      why: 'a switch that nobody asked for',
      end: answers(`HTTP/1.1 101 ${SECRETS.split('\n')[0] ?? ''}\r\nupgrade: x\r\n\r\n`),
      reason: 'AnswerInvalid',
      cause: /switched/,
    },
  ])('$why', async ({ end, reason, cause }) => {
    const { port, lines } = await inFrontOf(await vmAt(end));
    const reply = await call(port);
    expectClean(reply);
    expect(documentOf(reply)).toMatchObject({ component: 'gateway', reason });
    await eventually(() => lines.length === 1, 'the line');
    expect(lines[0]).toMatchObject({ reason });
    expect(lines[0]?.['cause']).toMatch(cause);
  });

  test('a VM that cannot be connected to', async () => {
    const { port, lines } = await inFrontOf(await closedPort());
    const reply = await call(port);
    expectClean(reply);
    expect(documentOf(reply)).toMatchObject({ reason: 'ConnectFailed' });
    expect(lines[0]?.['cause']).toBe('connect ECONNREFUSED [address]');
  });

  test('agents that refuse', async () => {
    const handler: AgentHandler = (_req, res) => {
      refuse(res, 503, 'VmBroken');
    };
    const { port } = await startPair(handler, { maxAttempts: 1 });
    const reply = await call(port);
    expectClean(reply);
    expect(documentOf(reply)).toMatchObject({ reason: 'VmsRefused' });
  });

  const said = [
    { reason: 'BindFailed', shown: 'BindFailed', why: 'a word' },
    { reason: SECRETS, shown: 'Refused', why: 'anything but a word' },
    { reason: '', shown: 'Refused', why: 'nothing' },
  ];
  test.each(said)('an operator whose reason is $why, to who waited', async ({ reason, shown }) => {
    const { port, operator, lines } = await startGateway({ timers: { queueMs: 60 } });
    operator.snapshot(APP, []);
    operator.say({ type: 'refusal', application: APP, reason, detail: SECRETS, final: false });
    const reply = await call(port);
    expectClean(reply);
    const { detail, ...rest } = documentOf(reply);
    expect(rest).toMatchObject({ component: 'gateway', reason: 'QueueTimeout' });
    expect(detail).toContain(`The operator says ${shown}.`);
    expect(lines[0]?.['cause']).toMatch(/\[address\] and https:\/\/store\.internal\/a\.tar and/);
  });

  test.each(said)('an operator whose last word is $why', async ({ reason, shown }) => {
    const { port, operator, lines } = await startGateway();
    operator.snapshot(APP, []);
    const waiting = call(port);
    await eventually(() => operator.of('demand').at(-1)?.applications[0]?.waiting === 1, 'waits');
    operator.say({ type: 'refusal', application: APP, reason, detail: SECRETS, final: true });
    const reply = await waiting;
    expectClean(reply);
    expect(documentOf(reply)).toMatchObject({ component: 'operator', reason: shown, status: 503 });
    expect(lines[0]?.['cause']).not.toMatch(/SECRETSIG|10\.42/);
  });

  test('bytes that are no request', async () => {
    const { port } = await startGateway();
    const text = await raw(port, `GET / HTTP/1.1\r\n${SECRETS}\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).not.toMatch(/hunter2|SECRETSIG|\n {4}at /);
  });
});
