import { createServer, type Server } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../support/fake-clock.ts';
import { refuse } from './support/agent.ts';
import { call, reasonOf } from './support/client.ts';
import { APP, onCleanup, startAgent, startGateway, startPair } from './support/gateway.ts';
import { eventually } from './support/wait.ts';

let dead = 0;

/**
 * An address at which nobody listens, each time another one: below those that the system gives away, so that none is
 * taken in between by somebody else.
 */
function deadAddress(): string {
  dead += 1;
  return `127.111.0.${dead}:1`;
}

/** A server that does what it likes with its sockets. */
async function rawAgent(handler: (socket: Socket) => void): Promise<Server & { seen: string }> {
  const server = Object.assign(createServer(), { seen: '' });
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => (server.seen += chunk.toString('latin1')));
    handler(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onCleanup(async () => {
    await new Promise((resolve) => server.close(resolve));
  });
  return server;
}

function endpointOf(server: Server, vmId = 'raw'): Parameters<typeof Array.of>[0] {
  const { port } = server.address() as AddressInfo;
  return { vmId, address: `127.0.0.1:${port}`, slots: 4, boundAt: 0 };
}
type Endpoint = Parameters<Awaited<ReturnType<typeof startGateway>>['operator']['add']>[1];

describe('what is sent again', () => {
  test('a VM that refuses connections is passed over, rests, and is suspected', async () => {
    const alive = await startAgent('alive', (req, res) => {
      res.write('alive: ');
      req.pipe(res);
    });
    // The rest lasts as long as the clock stands still.
    const { port, operator, gateway } = await startGateway({ deps: { clock: new FakeClock() } });
    const dead = { vmId: 'dead', address: deadAddress(), slots: 4, boundAt: 1 };
    operator.snapshot(APP, [dead, alive.endpoint(4, 2)]);
    expect((await call(port, { method: 'POST', body: 'a body' })).body).toBe('alive: a body');
    expect(operator.of('suspect')).toEqual([
      { type: 'suspect', vmId: 'dead', reason: 'ConnectFailed' },
    ]);
    expect(gateway.applications()).toMatchObject({
      applications: [{ vms: [{ vmId: 'dead', quarantined: true, strikes: 1 }, { strikes: 0 }] }],
    });
    // Warm traffic does not even try the resting one.
    await call(port);
    expect(operator.of('suspect')).toHaveLength(1);
  });

  test('the rest ends, and a VM that answers again is as good as any', async () => {
    const agent = await startAgent('vm-1', (_req, res) => res.end('back'));
    const { endpoint, vmId } = { endpoint: agent.endpoint(), vmId: 'vm-1' };
    await agent.close();
    const { port, operator, gateway } = await startGateway();
    operator.snapshot(APP, [endpoint]);
    const reply = call(port);
    await operator.heard('suspect');
    await agent.listen(Number(endpoint.address.split(':')[1]));
    expect((await reply).body).toBe('back');
    expect(gateway.applications()).toMatchObject({
      applications: [{ vms: [{ vmId, strikes: 0, quarantined: false }] }],
    });
  });

  test('after as many VMs as attempts are allowed the client gets the reason', async () => {
    const { port, operator, lines } = await startGateway({ maxAttempts: 2 });
    const dead = [deadAddress(), deadAddress(), deadAddress()];
    operator.snapshot(
      APP,
      dead.map((address, index) => ({ vmId: `dead-${index}`, address, slots: 1, boundAt: index })),
    );
    const reply = await call(port);
    expect([reply.status, reasonOf(reply)]).toEqual([502, 'ConnectFailed']);
    await eventually(() => lines.length === 1, 'a line is logged');
    expect(lines[0]).toMatchObject({ attempts: 2, reason: 'ConnectFailed' });
  });

  test.each([
    { status: 429, reason: 'SlotsFull', suspects: 0, why: 'another gateway has the slots' },
    { status: 503, reason: 'Draining', suspects: 0, why: 'it takes nothing new' },
    { status: 503, reason: 'Binding', suspects: 0, why: 'it is not ready' },
    { status: 503, reason: 'VmBroken', suspects: 1, why: 'it is about to be replaced' },
    { status: 409, reason: 'NotBound', suspects: 1, why: 'it is not what was said' },
    { status: 401, reason: 'TokenInvalid', suspects: 1, why: 'it was bound under another key' },
  ])(
    '$status $reason goes to another VM, body and all: $why',
    async ({ status, reason, suspects }) => {
      const refusing = await startAgent('refusing', (_req, res) => {
        refuse(res, status, reason);
      });
      const taking = await startAgent('taking', (req, res) => req.pipe(res));
      const { port, operator } = await startGateway();
      operator.snapshot(APP, [refusing.endpoint(4, 1), taking.endpoint(4, 2)]);
      const reply = await call(port, { method: 'POST', body: 'precious' });
      expect([reply.status, reply.body]).toEqual([200, 'precious']);
      expect([refusing.requests.length, operator.of('suspect').length]).toEqual([1, suspects]);
    },
  );

  test('a VM that is full for a moment gets the request as soon as it has room', async () => {
    let refusals = 0;
    const { port } = await startPair(
      (_req, res) => {
        refusals += 1;
        if (refusals <= 4) refuse(res, 429, 'SlotsFull');
        else res.end('room');
      },
      { maxAttempts: 1 },
    );
    expect((await call(port)).body).toBe('room');
  });

  test('a body that is longer than what is kept is not sent again: the client hears why', async () => {
    const refusing = await startAgent('refusing', (req, res) => {
      req.resume();
      req.once('end', () => {
        refuse(res, 503, 'Draining');
      });
    });
    const other = await startAgent('other', (req, res) => req.pipe(res));
    const { port, operator } = await startGateway();
    operator.snapshot(APP, [refusing.endpoint(4, 1), other.endpoint(4, 2)]);
    const reply = await call(port, { method: 'POST', body: Buffer.alloc(300_000) });
    expect([reply.status, reasonOf(reply)]).toEqual([503, 'VmsRefused']);
    expect(reply.body).toContain('Draining');
    expect(other.requests).toHaveLength(0);
  });

  test('refusals of the function itself are answers', async () => {
    const { port, agent } = await startPair((_req, res) => {
      res.writeHead(429, { 'retry-after': '9' }).end('mine');
    });
    const reply = await call(port);
    expect([reply.status, reply.body, reply.headers['retry-after']]).toEqual([429, 'mine', '9']);
    expect(agent.requests).toHaveLength(1);
  });

  test('problems of the agent about the function are passed on as they are', async () => {
    const { port, agent } = await startPair((_req, res) => {
      refuse(res, 504, 'FunctionTimeout');
    });
    const reply = await call(port);
    expect([reply.status, reasonOf(reply)]).toEqual([504, 'FunctionTimeout']);
    expect(reply.headers['osv-faas-error']).toBeUndefined();
    expect(agent.requests).toHaveLength(1);
  });
});

describe('what is never sent again', () => {
  test.each(['GET', 'POST'])('%s to a VM that dies after it got the request', async (method) => {
    const dying = await startAgent('dying', (req) => req.socket.resetAndDestroy());
    const other = await startAgent('other', (_req, res) => res.end());
    const { port, operator } = await startGateway();
    operator.snapshot(APP, [dying.endpoint(4, 1), other.endpoint(4, 2)]);
    const reply = await call(port, { method });
    expect([reply.status, reasonOf(reply)]).toEqual([502, 'ConnectionLost']);
    expect([dying.requests.length, other.requests.length]).toEqual([1, 0]);
    expect(operator.of('suspect')[0]?.reason).toBe('ConnectionLost');
  });

  test.each([
    { sent: 'nonsense\r\n\r\n', why: 'no status line' },
    {
      sent: 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\nx',
      why: 'two lengths',
    },
    {
      sent: 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
      why: 'a length and an encoding',
    },
    { sent: 'HTTP/1.1 200 OK\r\nbad header\r\n\r\n', why: 'no colon' },
    { sent: 'HTTP/1.1 200 OK\r\na : b\r\n\r\n', why: 'a space before the colon' },
    { sent: 'HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n', why: 'a folded line' },
    { sent: 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n', why: 'a length that is none' },
    { sent: 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n', why: 'an unknown encoding' },
    { sent: `HTTP/1.1 200 OK\r\na: ${'x'.repeat(70_000)}`, why: 'an endless head' },
    { sent: 'HTTP/1.1 101 Sure\r\nupgrade: x\r\n\r\n', why: 'an upgrade nobody asked for' },
  ])('an answer that is no HTTP ($why) is 502 AnswerInvalid', async ({ sent }) => {
    const server = await rawAgent((socket) => socket.once('data', () => socket.write(sent)));
    const { port, operator } = await startGateway();
    operator.snapshot(APP, [endpointOf(server) as Endpoint]);
    const reply = await call(port);
    expect([reply.status, reasonOf(reply)]).toEqual([502, 'AnswerInvalid']);
  });

  test('half an answer is not made to look like a whole one, and its VM rests', async () => {
    const { port, lines, operator, gateway } = await startPair((_req, res) => {
      res.writeHead(200, { 'content-length': '100' });
      res.write('half', () => setTimeout(() => res.socket?.resetAndDestroy(), 20));
    });
    await expect(call(port)).rejects.toThrow(/aborted|hang up|ECONNRESET/);
    await eventually(() => lines.length === 1, 'a line is logged');
    expect(lines[0]).toMatchObject({ status: 200, reason: 'ConnectionLost', bytesOut: 4 });
    expect(lines[0]?.['cause']).toMatch(/ECONNRESET/);
    expect(operator.of('suspect')).toEqual([
      { type: 'suspect', vmId: 'vm-1', reason: 'ConnectionLost' },
    ]);
    expect(gateway.applications()).toMatchObject({ applications: [{ vms: [{ strikes: 1 }] }] });
  });

  test('a bad chunk breaks the answer off', async () => {
    const server = await rawAgent((socket) =>
      socket.once('data', () =>
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabcd\r\n'),
      ),
    );
    const { port, operator, lines } = await startGateway();
    operator.snapshot(APP, [endpointOf(server) as Endpoint]);
    await expect(call(port)).rejects.toThrow(/aborted|hang up|ECONNRESET/);
    await eventually(() => lines.length === 1, 'a line is logged');
    expect(lines[0]).toMatchObject({ status: 200, reason: 'AnswerInvalid' });
    expect(operator.of('suspect')).toMatchObject([{ reason: 'AnswerInvalid' }]);
  });

  test('a connection on which something came unasked is not used', async () => {
    const server = await rawAgent((socket) =>
      socket.on('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n');
      }),
    );
    const { port, operator } = await startGateway();
    operator.snapshot(APP, [endpointOf(server) as Endpoint]);
    expect((await call(port)).body).toBe('ok');
    expect((await call(port)).body).toBe('ok');
  });
});
