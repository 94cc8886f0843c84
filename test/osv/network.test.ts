/** A guest on a host without passt: QEMU's own network behind the relay. */
import { expect, jest, test } from '@jest/globals';
import { bind, invoke } from '../support/agent.ts';
import { describeOsv, startOsvGuest } from '../support/osv.ts';

jest.setTimeout(240_000);

const BURST = 32;
const ROUNDS = 3;

describeOsv('without passt', () => {
  test('bursts of connections all get in, again and again', async () => {
    const guest = await startOsvGuest({ userNetwork: true });
    try {
      const files = { 'index.mjs': `export default (req, res) => { res.end('in'); };` };
      await bind(guest, [{ name: 'fn', handler: 'index.default', files, timeoutMs: 60_000 }], {
        slots: BURST,
      });
      for (let round = 0; round < ROUNDS; round += 1) {
        const answers = await Promise.all(Array.from({ length: BURST }, () => invoke(guest, 'fn')));
        expect(answers.map(({ text }) => text)).toEqual(Array(BURST).fill('in'));
      }
    } finally {
      await guest.stop();
    }
  });
});
