/**
 * Compiles the Java samples into the archive that their manifests name. Apart from `npm run generate`,
 * since it needs a JDK 17. With --check it writes nothing and fails when something would change.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';
import { userCacheDir } from '../src/cli/environment.ts';
import { agentJars } from '../src/image/java/agent-jar.ts';
import { compile, filesBelow, writeJar } from '../src/image/java/compile.ts';
import { findJdk } from '../src/image/java/jdk.ts';

const root = join(import.meta.dirname, '..');
const SOURCES = join(root, 'manifests/samples/java');
const ARCHIVE = join(root, 'manifests/samples/archives/java-samples.tar');
const MANIFESTS = ['words.yaml', 'greeting.yaml'].map((name) => join(SOURCES, name));

const check = process.argv.includes('--check');
const jdk = await findJdk();
const { api } = await agentJars({ jdk, cacheDir: userCacheDir(process.env) });

async function archive(stage: string): Promise<Buffer> {
  const sources = (await filesBelow(SOURCES)).filter((name) => name.endsWith('.java'));
  const classes = join(stage, 'classes');
  await compile(jdk, { folder: SOURCES, sources, classes, classPath: api });
  await writeJar(jdk, { file: join(stage, 'samples.jar'), classes });
  const chunks: Buffer[] = [];
  for await (const chunk of create({ cwd: stage, portable: true, noMtime: true }, [
    'samples.jar',
  ])) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function outputs(stage: string): Promise<ReadonlyMap<string, Buffer>> {
  const bytes = await archive(stage);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const manifests = MANIFESTS.map((file): [string, Buffer] => {
    const text = readFileSync(file, 'utf8').replace(/sha256: .*/, `sha256: ${sha256}`);
    return [file, Buffer.from(text)];
  });
  return new Map([[ARCHIVE, bytes], ...manifests]);
}

const stage = mkdtempSync(join(tmpdir(), 'osv-faas-java-'));
try {
  for (const [file, content] of await outputs(stage)) {
    if (readFileSync(file, { flag: 'a+' }).equals(content)) continue;
    console.log(check ? `${file} is out of date: npm run generate:java` : `wrote ${file}`);
    if (check) process.exitCode = 1;
    else writeFileSync(file, content);
  }
} finally {
  rmSync(stage, { recursive: true });
}
