/** A disk that boots by itself, with the guest's identity on a second one (docs/adr/0016). */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildImage } from '../../src/image/build.ts';
import { bind, invoke, stateOf } from '../support/agent.ts';
import { OSV_KERNEL, OSV_LOADER, startOsvGuest, type OsvGuest } from '../support/osv.ts';

jest.setTimeout(240_000);

const describeBios = OSV_LOADER === undefined ? describe.skip : describe;

describeBios('a guest that boots by BIOS', () => {
  let folder: string;
  let guest: OsvGuest;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'osv-bios-'));
    const image = join(folder, 'image');
    await buildImage({
      runtime: 'node',
      kernel: { location: OSV_KERNEL ?? '' },
      libraryPaths: [],
      loader: OSV_LOADER ?? '',
      output: image,
      oci: false,
      progress: () => undefined,
    });
    guest = await startOsvGuest({ image, boot: 'Bios', memoryMib: 160 });
  }, 240_000);

  afterAll(async () => {
    await guest.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('knows who it is, obeys its operator and answers', async () => {
    expect(await stateOf(guest)).toMatchObject({ vmId: guest.vmId, state: 'generic' });
    const source = `export default (req, res) => { res.end('hello'); };`;
    const fn = { name: 'hello', handler: 'index.default', files: { 'index.mjs': source } };
    await bind(guest, [{ ...fn, timeoutMs: 60_000 }]);
    expect((await invoke(guest, 'hello')).text).toBe('hello');
  });
});
