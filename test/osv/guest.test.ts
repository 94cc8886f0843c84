/** One guest: boot, bind, invoke, and what only a real guest can show. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { bind, invoke, stateOf } from '../support/agent.ts';
import { describeOsv, startOsvGuest, type OsvGuest } from '../support/osv.ts';

jest.setTimeout(240_000);

describeOsv('a guest', () => {
  let guest: OsvGuest;
  beforeAll(async () => {
    guest = await startOsvGuest();
  });
  afterAll(() => guest.stop());

  test('boots generic and takes a bind', async () => {
    expect(await stateOf(guest)).toMatchObject({ vmId: guest.vmId, state: 'generic' });
    const code = `export default (req, res) => { res.end('hello ' + process.platform); };`;
    await bind(guest, [{ name: 'hello', handler: 'index.default', files: { 'index.mjs': code } }]);
    expect((await invoke(guest, 'hello')).text).toBe('hello linux');
  });
});
