/**
 * Compiles the native sample into the archive that its manifest names. Apart from `npm run generate`,
 * since it needs gcc: the same bytes from the same gcc. With --check it writes nothing and fails
 * when something would change.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';

const root = join(import.meta.dirname, '..');
const SOURCES = join(root, 'manifests/samples/native');
const ARCHIVE = join(root, 'manifests/samples/archives/native-samples.tar');
const MANIFEST = join(SOURCES, 'primes.yaml');
/** A dynamic PIE: OSv's kernel is its C library. */
const FLAGS = '-std=gnu17 -O2 -Wall -Wextra -Werror -pie -fPIE -pthread -s -Wl,--build-id=none';

async function archive(): Promise<Buffer> {
  const stage = mkdtempSync(join(tmpdir(), 'osv-faas-native-'));
  try {
    const args = [...FLAGS.split(' '), '-o', join(stage, 'primes'), 'primes.c'];
    execFileSync('gcc', args, { cwd: SOURCES, stdio: 'inherit' });
    const chunks: Buffer[] = [];
    for await (const chunk of create({ cwd: stage, portable: true, noMtime: true }, ['primes'])) {
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    rmSync(stage, { recursive: true });
  }
}

const bytes = await archive();
const sha256 = createHash('sha256').update(bytes).digest('hex');
const text = readFileSync(MANIFEST, 'utf8').replace(/sha256: .*/, `sha256: ${sha256}`);
const outputs: [string, Buffer][] = [
  [ARCHIVE, bytes],
  [MANIFEST, Buffer.from(text)],
];
const check = process.argv.includes('--check');
for (const [file, content] of outputs) {
  if (readFileSync(file, { flag: 'a+' }).equals(content)) continue;
  console.log(check ? `${file} is out of date: npm run generate:native` : `wrote ${file}`);
  if (check) process.exitCode = 1;
  else writeFileSync(file, content);
}
