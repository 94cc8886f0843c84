/** One guest: boot, bind, invoke, and what only a real guest can show. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { bind, invocation, invoke, stateOf, type TestFunction } from '../support/agent.ts';
import { open } from '../support/http.ts';
import { describeOsv, startOsvGuest, type OsvGuest } from '../support/osv.ts';

jest.setTimeout(240_000);

const BURST = 32;
const SLOTS = 64;

const FUNCTIONS: readonly TestFunction[] = [
  fn('hello', `(req, res) => { res.end('hello from ' + process.platform); }`),
  fn(
    'wait',
    `(() => {
      let now = 0, most = 0;
      return (req, res) => {
        most = Math.max(most, ++now);
        setTimeout(() => { now--; res.end(String(most)); }, 1_000);
      };
    })()`,
  ),
  fn(
    'pieces',
    `async (req, res) => {
      for (let n = 0; n < 4; n++) {
        res.write(n + '\\n');
        await new Promise((resolve) => setTimeout(resolve, 400));
      }
      res.end();
    }`,
  ),
];

function fn(name: string, handler: string): TestFunction {
  const source = `export default ${handler};`;
  const limits = { timeoutMs: 60_000 };
  return { name, handler: 'index.default', files: { 'index.mjs': source }, ...limits };
}

describeOsv('a guest', () => {
  let guest: OsvGuest;
  beforeAll(async () => {
    guest = await startOsvGuest();
  }, 240_000);
  afterAll(() => guest.stop());

  test('boots generic, takes a bind and answers', async () => {
    expect(await stateOf(guest)).toMatchObject({ vmId: guest.vmId, state: 'generic' });
    await bind(guest, FUNCTIONS, { slots: SLOTS });
    expect((await invoke(guest, 'hello')).text).toBe('hello from linux');
  });

  test('a burst of connections all get in, and are served at the same time', async () => {
    const answers = await Promise.all(
      Array.from({ length: BURST }, () => invoke(guest, 'wait', { path: '/' })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(BURST).fill(200));
    // All of them, were the host quick enough; one after the other would be 1.
    expect(Math.max(...answers.map(({ text }) => Number(text)))).toBeGreaterThan(BURST / 4);
  });

  test('an answer comes piece by piece', async () => {
    const { answer } = open(guest, invocation('pieces'));
    const pieces: string[] = [];
    for await (const piece of await answer) pieces.push((piece as Buffer).toString());
    expect(pieces.join('')).toBe('0\n1\n2\n3\n');
    expect(pieces.length).toBeGreaterThan(1);
  });

  test('what it writes is on its console', () => {
    expect(guest.lines()).toContainEqual(
      expect.objectContaining({ message: 'the agent listens', vmId: guest.vmId }),
    );
  });

  test('killed, it is gone at once and its address is free', async () => {
    await guest.stop();
    expect(await guest.ended).toMatchObject({ orderly: false });
    await expect(stateOf(guest)).rejects.toThrow('ECONNREFUSED');
  });
});
