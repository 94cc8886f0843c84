/** Guests that end, and guests that should and do not: the host notices both. */
import { expect, jest, test } from '@jest/globals';
import { bind, invoke, type TestFunction } from '../support/agent.ts';
import { describeOsv, startOsvGuest, type OsvGuest, type OsvOptions } from '../support/osv.ts';

jest.setTimeout(300_000);

const IMPATIENT = { bootMs: 120_000, silentMs: 10_000 };

async function withGuest(
  options: OsvOptions,
  task: (guest: OsvGuest) => Promise<void>,
): Promise<void> {
  const guest = await startOsvGuest(options);
  try {
    await task(guest);
  } finally {
    await guest.stop();
  }
}

function fn(handler: string): TestFunction {
  const files = { 'index.mjs': `export default ${handler};` };
  return { name: 'fn', handler: 'index.default', files, timeoutMs: 120_000 };
}

describeOsv('a guest that goes wrong', () => {
  test.each([
    {
      what: 'buffers',
      handler: `() => { const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1)); }`,
    },
    {
      what: 'files in /tmp',
      handler: `async () => {
        const { writeFileSync } = await import('node:fs');
        for (let n = 0; ; n++) writeFileSync('/tmp/' + n, Buffer.alloc(1 << 20, 1));
      }`,
    },
    {
      what: 'the JavaScript heap',
      handler: `() => { const all = []; for (;;) all.push({ all: [...all.slice(0, 999)] }); }`,
    },
  ])('out of memory by $what: it ends, by itself or by the watchdog', async ({ handler }) => {
    await withGuest({ watchdog: IMPATIENT }, async (guest) => {
      await bind(guest, [fn(handler)]);
      const answer = invoke(guest, 'fn').then(
        ({ status }) => status,
        () => 'broken off',
      );
      const end = await guest.ended;
      expect(end.detail).toMatch(/spins in its kernel|stands still|guest-shutdown/);
      expect(await answer).not.toBe(200);
    });
  });

  test('a function that computes for longer than the watchdog waits is left alone', async () => {
    await withGuest({ watchdog: IMPATIENT }, async (guest) => {
      const burn = `(req, res) => {
        const until = performance.now() + 20_000;
        while (performance.now() < until);
        res.end('done');
      }`;
      await bind(guest, [fn(burn)]);
      expect((await invoke(guest, 'fn')).text).toBe('done');
    });
  });

  test('a program that ends powers its machine off, and its last words are told', async () => {
    const options = { command: ['/node', '--no-such-flag', '/agent/main.js'], wait: false };
    await withGuest(options, async (guest) => {
      expect(await guest.ended).toMatchObject({
        orderly: true,
        detail: expect.stringContaining('--no-such-flag'),
      });
    });
  });

  test('a program that never answers is ended', async () => {
    const options = {
      command: ['/node', '-e', '"setInterval(Date,1000)"'],
      watchdog: { bootMs: 15_000, silentMs: 10_000 },
      wait: false,
    };
    await withGuest(options, async (guest) => {
      const { detail } = await guest.ended;
      expect(detail).toMatch(/^no answer/);
    });
  });
});
