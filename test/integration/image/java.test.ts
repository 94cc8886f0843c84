import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { agentJars } from '../../../src/image/java/agent-jar.ts';
import { findJdk } from '../../../src/image/java/jdk.ts';
import { javaRuntime } from '../../../src/image/runtimes/java.ts';

jest.setTimeout(120_000);

/** Of the classes that the agent loads. */
const ARCHIVE = '/agent/agent.jsa';

/** Digest of every file that a Java image takes from `cacheDir`, made there if it is not there. */
async function digestsIn(cacheDir: string): Promise<Record<string, string>> {
  const jdk = await findJdk();
  const { api } = await agentJars({ jdk, cacheDir });
  const { files } = await javaRuntime({ libraryPaths: [], cacheDir, progress: () => undefined });
  const sources = [...files].flatMap(([path, entry]): [string, string][] =>
    entry.kind === 'file' ? [[path, entry.source]] : [],
  );
  return Object.fromEntries(
    [...sources, ['api', api] as const].map(([path, file]) => [
      path,
      createHash('sha256').update(readFileSync(file)).digest('hex'),
    ]),
  );
}

test('a JRE and the agent have the same bytes wherever they are made', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'java-image-'));
  try {
    const first = await digestsIn(join(folder, 'one'));
    expect(first).toHaveProperty(ARCHIVE);
    // Made anew: laid out in another way.
    const again = await digestsIn(join(folder, 'another'));
    expect({ ...again, [ARCHIVE]: '' }).toEqual({ ...first, [ARCHIVE]: '' });
    // Out of the cache: the same.
    expect(await digestsIn(join(folder, 'one'))).toEqual(first);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('what is not a JDK is named', async () => {
  await expect(findJdk('/nowhere')).rejects.toThrow('/nowhere is no JDK 17 or later');
});
