/** Many guests at once from one disk file, which none of them can change or use to reach another. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { bind, invoke, stateOf, type TestFunction } from '../support/agent.ts';
import {
  describeOsv,
  OSV_KERNEL,
  startOsvHost,
  type OsvGuest,
  type OsvHost,
} from '../support/osv.ts';
import { osvImage } from '../support/osv-image.ts';

jest.setTimeout(300_000);

const GUESTS = 8;

/** Writes a file of its own where it may, tries where it may not, and lists what it sees. */
const FILES: TestFunction = {
  name: 'files',
  handler: 'index.default',
  timeoutMs: 60_000,
  files: {
    'index.mjs': `import { readdirSync, writeFileSync } from 'node:fs';
    const tried = (path) => { try { writeFileSync(path, 'mine'); return 'written'; } catch (e) { return e.code; } };
    export default (req, res) => {
      const name = new URL(req.url, 'http://x').searchParams.get('name');
      const written = [tried('/tmp/' + name), tried('/agent/main.js'), tried('/' + name)];
      res.end(JSON.stringify({ written, seen: readdirSync('/tmp').filter((one) => one.startsWith('of-')) }));
    };`,
  },
};

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

describeOsv(`${GUESTS} guests from one image`, () => {
  let host: OsvHost;
  let guests: readonly OsvGuest[];
  let disk: string;
  let before: string;

  beforeAll(async () => {
    disk = join(await osvImage('node', OSV_KERNEL ?? ''), 'root.img');
    before = await sha256(disk);
    host = await startOsvHost();
    guests = await Promise.all(Array.from({ length: GUESTS }, () => host.start()));
  }, 300_000);
  afterAll(() => host.stop());

  test('all boot at once, each at an address and with an identity of its own', async () => {
    const states = await Promise.all(guests.map((guest) => stateOf(guest)));
    expect(states.map(({ vmId }) => vmId)).toEqual(guests.map(({ vmId }) => vmId));
    expect(new Set(guests.map((guest) => guest.host)).size).toBe(GUESTS);
  });

  test('a file of one is seen by no other, and what they share is written by none', async () => {
    await Promise.all(guests.map((guest) => bind(guest, [FILES])));
    const answers = await Promise.all(
      guests.map((guest, n) => invoke(guest, 'files', { path: `/?name=of-${n}` })),
    );
    expect(answers.map(({ text }) => JSON.parse(text) as unknown)).toEqual(
      guests.map((_guest, n) => ({ written: ['written', 'EROFS', 'EROFS'], seen: [`of-${n}`] })),
    );
  });

  test('one that is killed takes no other with it', async () => {
    const [first, ...rest] = guests;
    await first?.stop();
    await first?.ended;
    const states = await Promise.all(rest.map((guest) => stateOf(guest)));
    expect(states).toHaveLength(GUESTS - 1);
  });

  test('the disk file has mode 0444 and the same bytes as before', async () => {
    expect((await stat(disk)).mode & 0o777).toBe(0o444);
    expect(await sha256(disk)).toBe(before);
  });
});
