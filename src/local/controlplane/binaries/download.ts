import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar';
import { Agent, interceptors, request, type Dispatcher } from 'undici';
import { messageOf } from '../../../runtime/errors.ts';
import { fillFolder } from '../../../runtime/fill-folder.ts';
import {
  CHECKSUMS,
  OFFICIAL,
  releaseArchitecture,
  releasesFor,
  type Checksums,
  type Origins,
  type Release,
} from './releases.ts';
import { KUBERNETES_VERSION } from './version.ts';

export interface DownloadOptions {
  readonly origins?: Origins;
  readonly checksums?: Checksums;
  readonly platform?: string;
  readonly arch?: string;
}

/** There is another way when this one is closed: give up soon. */
const CONNECT_MS = 3_000;
const SILENCE_MS = 15_000;
const MIB = 1024 * 1024;

/**
 * Puts the official programs into `target`, each checked against its SHA-256.
 * @throws Error naming the address and what is wrong; `target` is then as it was
 */
export async function downloadBinaries(
  target: string,
  progress: (line: string) => void,
  options: DownloadOptions = {},
): Promise<void> {
  const { platform = process.platform, arch = process.arch } = options;
  const architecture = releaseArchitecture(platform, arch);
  if (architecture === undefined) throw new Error(`there are none for ${platform} ${arch}`);
  const { origins = OFFICIAL, checksums = CHECKSUMS } = options;
  const dispatcher = new Agent({
    connect: { timeout: CONNECT_MS },
    headersTimeout: SILENCE_MS,
    bodyTimeout: SILENCE_MS,
  }).compose(interceptors.redirect({ maxRedirections: 5 }));
  progress(`downloading Kubernetes ${KUBERNETES_VERSION}`);
  try {
    await fillFolder(target, async (folder) => {
      for (const release of releasesFor(architecture, origins, checksums)) {
        await fetchProgram(release, folder, { dispatcher, progress });
      }
    });
  } finally {
    await dispatcher.destroy();
  }
}

interface Means {
  readonly dispatcher: Dispatcher;
  readonly progress: (line: string) => void;
}

async function fetchProgram(release: Release, folder: string, means: Means): Promise<void> {
  const expected = await digestOf(release, means.dispatcher);
  const file = join(folder, `${release.component}.download`);
  const { digest, bytes } = await save(release.url, file, means.dispatcher);
  if (digest !== expected) {
    throw new Error(`${release.url}: SHA-256 is ${digest}, not ${expected}`);
  }
  const program = join(folder, release.component);
  if (release.member === undefined) await rename(file, program);
  else await unpack(file, release.member, folder);
  await chmod(program, 0o755);
  means.progress(`downloaded ${release.component}, ${Math.ceil(bytes / MIB)} MiB`);
}

async function digestOf({ digest }: Release, dispatcher: Dispatcher): Promise<string> {
  if ('pinned' in digest) return digest.pinned;
  const text = await (await get(digest.list, dispatcher)).text();
  const found = digestIn(text, digest.name);
  if (found === undefined) throw new Error(`${digest.list}: no SHA-256 of ${digest.name}`);
  return found;
}

/** Either the digest alone, or lines of `sha256sum`. */
export function digestIn(text: string, name: string): string | undefined {
  const lines = text.trim().split('\n');
  const own = lines.map((line) => line.trim().split(/\s+\*?/)).find((parts) => parts[1] === name);
  const digest = own?.[0] ?? (lines.length === 1 ? text.trim() : '');
  return /^[0-9a-f]{64}$/.test(digest) ? digest : undefined;
}

async function save(
  url: string,
  file: string,
  dispatcher: Dispatcher,
): Promise<{ digest: string; bytes: number }> {
  const body = await get(url, dispatcher);
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  try {
    await pipeline(body, counted, createWriteStream(file));
  } catch (cause) {
    throw new Error(`${url}: broken off after ${bytes} bytes: ${messageOf(cause)}`, { cause });
  }
  return { digest: hash.digest('hex'), bytes };
}

async function get(
  url: string,
  dispatcher: Dispatcher,
): Promise<Readable & { text(): Promise<string> }> {
  const answer = await request(url, { dispatcher }).catch((cause: unknown) => {
    throw new Error(`${url}: cannot be reached: ${messageOf(cause)}`, { cause });
  });
  if (answer.statusCode === 200) return answer.body;
  await answer.body.dump();
  throw new Error(`${url}: HTTP ${answer.statusCode}`);
}

async function unpack(file: string, member: string, folder: string): Promise<void> {
  await extract({ file, cwd: folder, strip: 1, filter: (path) => path === member });
  await rm(file);
  await chmod(join(folder, basename(member)), 0o755).catch((cause: unknown) => {
    throw new Error(`${basename(file)}: has no ${member}`, { cause });
  });
}
