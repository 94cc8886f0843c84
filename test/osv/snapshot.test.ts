/** `--start snapshot`: guests that the driver restores are as good as guests that it boots. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { bind, invoke, stateOf } from '../support/agent.ts';
import { describeOsv, startOsvHost, type OsvGuest, type OsvHost } from '../support/osv.ts';

jest.setTimeout(300_000);

const FILES = {
  'index.mjs': `export default (req, res) => {
    res.end(JSON.stringify({ id: crypto.randomUUID(), number: Math.random(), now: Date.now() }));
  };`,
};

interface Drawn {
  readonly id: string;
  readonly number: number;
  readonly now: number;
}

describeOsv('guests of the driver that start from a snapshot', () => {
  let host: OsvHost;
  let guests: readonly OsvGuest[];

  beforeAll(async () => {
    host = await startOsvHost({ start: 'snapshot' });
    guests = await Promise.all([host.start(), host.start()]);
  }, 300_000);
  afterAll(() => host.stop());

  test('have not booted, and are who their VMI says', async () => {
    for (const guest of guests) {
      expect(guest.lines()).not.toContainEqual({ raw: expect.stringContaining('Booted up') });
      expect(await stateOf(guest)).toMatchObject({ vmId: guest.vmId, state: 'generic' });
    }
  });

  test('take a bind under their own key, share no random number and have the time', async () => {
    const drawn: Drawn[] = [];
    for (const guest of guests) {
      const before = Date.now();
      await bind(guest, [
        { name: 'draw', handler: 'index.default', files: FILES, timeoutMs: 60_000 },
      ]);
      drawn.push(JSON.parse((await invoke(guest, 'draw')).text) as Drawn);
      expect(drawn.at(-1)?.now).toBeGreaterThan(before - 1_000);
    }
    const [first, second] = drawn;
    expect(first?.id).not.toBe(second?.id);
    expect(first?.number).not.toBe(second?.number);
  });

  test('of another memory have a snapshot of their own', async () => {
    const guest = await host.start({ memoryMib: 160 });
    expect(await stateOf(guest)).toMatchObject({ vmId: guest.vmId, state: 'generic' });
    await guest.stop();
  });
});
