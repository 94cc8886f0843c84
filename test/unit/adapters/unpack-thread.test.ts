import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { UnpackThread, type UnpackLimits } from '../../../src/adapters/archive/unpack-thread.ts';
import { HOSTILE_ARCHIVES } from '../../support/hostile-archive.ts';
import { HOSTILE_ZIPS } from '../../support/hostile-zip.ts';
import { tarOf } from '../../support/tar.ts';

const threads: UnpackThread[] = [];
let shared: UnpackThread | undefined;
const folder = mkdtempSync(join(tmpdir(), 'osv-faas-test-'));
const never = new AbortController().signal;
const good = (): Buffer<ArrayBuffer> =>
  owned(tarOf({ path: 'a.js', content: 'a' }, { path: 'empty' }, { path: 'b.js', content: 'bb' }));

/** As a download gives it: alone in its memory. */
function owned(bytes: Buffer): Buffer<ArrayBuffer> {
  const copy = Buffer.from(new ArrayBuffer(bytes.length));
  bytes.copy(copy);
  return copy;
}

/** A thread, if `code` is given one that does other things when it is asked. */
function thread(limits: Partial<UnpackLimits> = {}, code?: string): UnpackThread {
  const entry = join(folder, `${threads.length}.mjs`);
  if (code !== undefined) {
    writeFileSync(
      entry,
      `import { parentPort } from 'node:worker_threads';
parentPort.on('message', () => { ${code} });`,
    );
  }
  const made = new UnpackThread(limits, code === undefined ? undefined : pathToFileURL(entry));
  threads.push(made);
  return made;
}

async function expectWorks(one: UnpackThread): Promise<void> {
  const files = await one.unpack(good(), never);
  const texts = files.map(({ path, content }) => [path, content.toString()]);
  expect(texts).toEqual([
    ['a.js', 'a'],
    ['empty', ''],
    ['b.js', 'bb'],
  ]);
  expect(new Set(files.map(({ content }) => content.buffer)).size).toBe(1);
}

afterAll(() => shared?.close());

afterEach(async () => {
  await Promise.all(threads.splice(0).map((one) => one.close()));
});

describe('a thread of its own', () => {
  test('unpacks one archive after the other, also after an end in between', async () => {
    const one = thread();
    await Promise.all([expectWorks(one), expectWorks(one)]);
    await one.close();
    await expectWorks(one);
  });

  test('takes the memory of what it is given', async () => {
    const archive = good();
    await thread().unpack(archive, never);
    expect(archive.buffer.detached).toBe(true);
  });

  test.each([...HOSTILE_ARCHIVES, ...HOSTILE_ZIPS])(
    'refuses $why',
    async ({ archive, reason, says }) => {
      const one = (shared ??= new UnpackThread());
      const problem = one.unpack(owned(archive()), never);
      await expect(problem).rejects.toMatchObject({ name: 'SourceProblem', reason });
      await expect(problem).rejects.toThrow(says);
      await expect(problem).rejects.toMatchObject({ message: expect.stringMatching(/^.{1,500}$/) });
      await expectWorks(one);
    },
  );
});

describe('a thread that', () => {
  test.each([
    { why: 'never answers', code: 'for (;;);', reason: 'UnpackFailed', says: 'within 0.3 seconds' },
    { why: 'throws', code: 'throw new Error("boom")', reason: 'UnpackFailed', says: 'boom' },
    { why: 'ends', code: 'process.exit(3)', reason: 'UnpackFailed', says: 'ended with 3' },
    {
      why: 'takes all memory',
      code: 'const all = []; for (;;) all.push(new Array(10_000).fill(all.length));',
      reason: 'SourceTooLarge',
      says: 'more memory',
    },
  ])('$why is replaced', async ({ why, code, reason, says }) => {
    const milliseconds = why === 'never answers' ? 300 : 60_000;
    const memory = { maxOldGenerationSizeMb: 16 };
    const one = thread({ milliseconds, memory }, code);
    for (let tries = 0; tries < 2; tries += 1) {
      const problem = one.unpack(good(), never);
      await expect(problem).rejects.toMatchObject({ name: 'SourceProblem', reason });
      await expect(problem).rejects.toThrow(says);
    }
  });

  test('works for nobody any more is ended, and what waits behind it is not', async () => {
    const nobody = new AbortController();
    const one = thread(
      {},
      `if (globalThis.asked === undefined) {
  globalThis.asked = true;
  for (;;);
}`,
    );
    const first = one.unpack(good(), nobody.signal);
    const left = new AbortController();
    const second = one.unpack(good(), left.signal);
    nobody.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    left.abort(new Error('gone too'));
    await expect(second).rejects.toThrow('gone too');
    rmSync(folder, { recursive: true });
  });
});
