import { describe, expect, test } from '@jest/globals';
import { connect, type Socket } from 'node:net';
import { HEADERS } from '../../../src/api/agent-protocol.ts';
import { startProcess } from '../../support/agent-process.ts';
import { bind, stateOf, TOKEN, type Guest } from '../../support/agent.ts';
import { jars, java } from '../../support/java.ts';
import { agent } from '../../support/native.ts';
import { JAVA_CODE } from './java-code.ts';
import { functionOf, type AgentKind } from './kind.ts';
import { NATIVE_CODE } from './native-code.ts';
import { withGuest } from './with-guest.ts';

/** What is left of a request when its answer is over: nobody else may have to wait for it. */
const KINDS: readonly AgentKind[] = [
  {
    name: 'java',
    code: JAVA_CODE,
    start: (options) => startProcess({ ...options, command: [java, '-jar', jars.agent] }),
  },
  {
    name: 'native',
    code: NATIVE_CODE,
    start: (options) => startProcess({ ...options, command: [agent.agent] }),
  },
];

const KIB = 1024;
/** Longer than the agent waits for what is left, and than it lets a client read on. */
const CLOSED_MS = 14_000;

interface Talk {
  readonly socket: Socket;
  /** All that came so far. */
  readonly text: () => string;
  /** Resolves when `check` holds or the other side has closed; rejects after `ms`. */
  readonly until: (check: (text: string) => boolean, ms: number) => Promise<void>;
}

/** A connection that sends what it is told, and reads all the while. */
function talk({ host, port }: Guest): Talk {
  const socket = connect({ host, port, allowHalfOpen: true });
  let text = '';
  let closed = false;
  let changed = (): void => undefined;
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    changed();
  });
  for (const event of ['end', 'close', 'error']) {
    socket.on(event, () => {
      closed = true;
      changed();
    });
  }
  const until = (check: (text: string) => boolean, ms: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new Error(`neither said nor closed within ${ms} ms, after "${text.slice(-300)}"`));
      }, ms);
      changed = () => {
        if (closed || check(text)) {
          clearTimeout(late);
          resolve();
        }
      };
      changed();
    });
  return { socket, text: () => text, until };
}

function head(method: string, length: number, token = TOKEN, version = '1.1'): string {
  return (
    `${method} /?ms=1 HTTP/${version}\r\nhost: x\r\ncontent-length: ${length}\r\n` +
    `${HEADERS.function}: sleep\r\n${HEADERS.token}: ${token}\r\n`
  );
}

function answers(text: string): number {
  return text.split('HTTP/1.1 200').length - 1;
}

describe.each(KINDS)('$name', (kind) => {
  const withSleeper = (task: (guest: Guest) => Promise<void>): Promise<void> =>
    withGuest(kind, {}, async (guest) => {
      await bind(guest, [functionOf(kind, 'sleep')], { slots: 1 });
      await task(guest);
    });

  test.each([100, 200, 255, 300, 900, 3000])(
    'a body of %d KiB that nobody read: the next request is answered, or the connection closed',
    (kib) =>
      withSleeper(async (guest) => {
        const { socket, text, until } = talk(guest);
        socket.write(`${head('POST', kib * KIB)}\r\n`);
        socket.write(Buffer.alloc(kib * KIB, 'x'));
        await until((said) => answers(said) === 1, 5_000);
        socket.write(`${head('GET', 0)}\r\n`);
        await until((said) => answers(said) === 2, 3_000);
        expect(answers(text())).toBeGreaterThanOrEqual(1);
        expect(text()).not.toContain('RequestMalformed');
        socket.destroy();
      }),
  );

  test.each([100 * KIB, 300 * KIB, 20 * KIB * KIB])(
    'a body of %d bytes that stops after a few: answered at once, closed after a while, the slot free',
    (bytes) =>
      withSleeper(async (guest) => {
        const { socket, text, until } = talk(guest);
        socket.write(`${head('POST', bytes)}\r\nsome of it`);
        await until((said) => answers(said) === 1, 3_000);
        expect(answers(text())).toBe(1);
        expect((await stateOf(guest)).inFlight).toBe(0);
        await until(() => false, CLOSED_MS);
        expect(answers(text())).toBe(1);
        socket.destroy();
      }),
  );

  test.each([10, 200, 300, 3000])(
    'chunks of %d KiB that nobody read, and whose end does not come',
    (kib) =>
      withSleeper(async (guest) => {
        const { socket, text, until } = talk(guest);
        const lines = head('POST', 0).replace('content-length: 0', 'transfer-encoding: chunked');
        socket.write(`${lines}\r\n`);
        for (let sent = 0; sent < kib; sent += 10) {
          socket.write(`2800\r\n${'x'.repeat(10 * KIB)}\r\n`);
        }
        await until((said) => answers(said) === 1, 3_000);
        expect((await stateOf(guest)).inFlight).toBe(0);
        await until(() => false, CLOSED_MS);
        expect(answers(text())).toBe(1);
        socket.destroy();
      }),
  );

  test('a refusal reaches a client that sends all of a large body before it reads', () =>
    withSleeper(async (guest) => {
      for (let round = 0; round < 5; round += 1) {
        const { socket, text, until } = talk(guest);
        socket.pause();
        const errors: Error[] = [];
        socket.on('error', (error) => errors.push(error));
        socket.write(`${head('POST', 24 * KIB * KIB, 'wrong')}\r\n`);
        const piece = Buffer.alloc(KIB * KIB, 'x');
        for (let sent = 0; sent < 24; sent += 1) {
          await new Promise((resolve) => socket.write(piece, resolve));
        }
        socket.resume();
        await until((said) => said.includes('TokenInvalid'), 5_000);
        expect(errors).toEqual([]);
        expect(text()).toContain('TokenInvalid');
        socket.destroy();
      }
    }));

  test('a client of HTTP/1.0 is not told to continue', () =>
    withSleeper(async (guest) => {
      const { socket, text, until } = talk(guest);
      socket.write(`${head('POST', 2, TOKEN, '1.0')}expect: 100-continue\r\n\r\nok`);
      await until(() => false, 5_000);
      expect(text()).toMatch(/^HTTP\/1\.[01] 200 /);
      socket.destroy();
    }));
});
