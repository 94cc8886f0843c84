import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { create } from 'tar';
import {
  acquireBinaries,
  cacheFolder,
  type AcquireOptions,
  type Binaries,
} from '../../../src/local/controlplane/binaries/acquire.ts';
import type { Checksums } from '../../../src/local/controlplane/binaries/releases.ts';
import {
  COMPONENTS,
  ETCD_VERSION,
  KUBERNETES_VERSION,
} from '../../../src/local/controlplane/binaries/version.ts';
import { FileServer } from '../../support/file-server.ts';

const KUBERNETES = `/k/v${KUBERNETES_VERSION}/bin/linux/amd64`;
const ETCD = `/e/v${ETCD_VERSION}/etcd-v${ETCD_VERSION}-linux-amd64.tar.gz`;
const SUMS = `/e/v${ETCD_VERSION}/SHA256SUMS`;
const BUILT = 'made by go';

let folder: string;
let server: FileServer;
let lines: string[];
let checksums: Checksums;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'osv-faas-test-'));
  server = await FileServer.start();
  lines = [];
  await publish();
});

afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A release whose programs are small texts. */
async function publish(): Promise<void> {
  const pinned: Record<string, string> = {};
  for (const name of COMPONENTS.filter((component) => component !== 'etcd')) {
    const bytes = Buffer.from(`${name} released `.repeat(1000));
    server.files.set(`${KUBERNETES}/${name}`, { bytes });
    pinned[name] = sha256(bytes);
  }
  checksums = { amd64: pinned, arm64: {} };
  const inner = `etcd-v${ETCD_VERSION}-linux-amd64`;
  mkdirSync(join(folder, 'tar', inner), { recursive: true });
  writeFileSync(join(folder, 'tar', inner, 'etcd'), 'etcd released');
  writeFileSync(join(folder, 'tar', inner, 'etcdctl'), 'not wanted');
  const file = join(folder, 'etcd.tar.gz');
  await create({ gzip: true, file, cwd: join(folder, 'tar') }, [inner]);
  const bytes = readFileSync(file);
  server.files.set(ETCD, { bytes });
  const list = `${'0'.repeat(64)}  other.zip\n${sha256(bytes)}  ${ETCD.split('/').pop()}\n`;
  server.files.set(SUMS, { bytes: Buffer.from(list) });
}

function acquire(more: Partial<AcquireOptions> = {}): Promise<Binaries> {
  return acquireBinaries({
    cacheDir: join(folder, 'cache'),
    sourceDir: folder,
    progress: (line) => lines.push(line),
    go: fakeGo(`echo '${BUILT}' > "$out"; chmod +x "$out"`),
    download: {
      origins: { kubernetesUrl: `${server.url}/k`, etcdUrl: `${server.url}/e` },
      checksums,
      platform: 'linux',
      arch: 'x64',
    },
    ...more,
  });
}

/** A `go` that does this instead; `$out` is what -o names. */
function fakeGo(script: string): string {
  const file = join(mkdtempSync(join(folder, 'go-')), 'go');
  const findOut = 'while [ "$1" != -o ]; do shift; done; out="$2"';
  writeFileSync(file, `#!/bin/sh\n${findOut}\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

function programsIn(place: string, content: string): string {
  mkdirSync(place, { recursive: true });
  for (const name of COMPONENTS) {
    writeFileSync(join(place, name), content);
    chmodSync(join(place, name), 0o755);
  }
  return place;
}

const cache = (): string => cacheFolder(join(folder, 'cache'));
const contentOf = (file: string): string => readFileSync(file, 'utf8').trim();
const said = (): string => lines.join('\n');

describe('the order', () => {
  test('first the folder that KUBEBUILDER_ASSETS names', async () => {
    programsIn(cache(), 'cached');
    const binaries = await acquire({ assetsDir: programsIn(join(folder, 'assets'), 'assets') });
    expect(contentOf(binaries['kube-apiserver'])).toBe('assets');
    expect(server.asked).toEqual([]);
  });

  test('not when it lacks something: setup-envtest brings no controller manager', async () => {
    programsIn(cache(), 'cached');
    const assetsDir = programsIn(join(folder, 'assets'), 'assets');
    rmSync(join(assetsDir, 'kube-controller-manager'));
    expect(contentOf((await acquire({ assetsDir })).etcd)).toBe('cached');
    expect(said()).toContain('is not used: no kube-controller-manager there');
  });

  test('then the cache, without a word', async () => {
    programsIn(cache(), 'cached');
    expect(contentOf((await acquire()).kubectl)).toBe('cached');
    expect(lines).toEqual([]);
    expect(server.asked).toEqual([]);
  });

  test('then the releases, checked, into the cache', async () => {
    const binaries = await acquire();
    expect(contentOf(binaries.etcd)).toBe('etcd released');
    expect(contentOf(binaries.kubectl)).toMatch(/^kubectl released/);
    for (const name of COMPONENTS) {
      expect(dirname(binaries[name])).toBe(cache());
      expect(statSync(binaries[name]).mode & 0o777).toBe(0o755);
      expect(said()).toContain(`downloaded ${name}`);
    }
    expect(readdirSync(cache()).sort()).toEqual([...COMPONENTS].sort());
    const before = server.asked.length;
    await acquire();
    expect(server.asked.length).toBe(before);
  });

  test('a cache that lost a file is filled again', async () => {
    rmSync(join(programsIn(cache(), 'cached'), 'etcd'));
    expect(contentOf((await acquire()).etcd)).toBe('etcd released');
  });

  test('in the end Go, one program under four names', async () => {
    const binaries = await acquire({
      download: { platform: 'darwin', arch: 'arm64' },
    });
    expect(said()).toContain('releases are not used: there are none for darwin arm64');
    for (const name of COMPONENTS) expect(contentOf(binaries[name])).toBe(BUILT);
    expect(said()).toContain(`built Kubernetes ${KUBERNETES_VERSION}`);
  });
});

describe('a release that is not what it should be is never used', () => {
  const APISERVER = `${KUBERNETES}/kube-apiserver`;
  const evil = Buffer.from('something else');
  const cut = Buffer.alloc(100_000, 'x');

  test.each([
    { why: 'another content', path: APISERVER, answer: { bytes: evil }, says: 'SHA-256 is' },
    {
      why: 'cut short',
      path: APISERVER,
      answer: { bytes: cut, cutAfter: 500 },
      says: 'broken off',
    },
    { why: 'not there', path: APISERVER, answer: { status: 404 }, says: 'HTTP 404' },
    { why: 'a server in trouble', path: APISERVER, answer: { status: 503 }, says: 'HTTP 503' },
    { why: 'another etcd', path: ETCD, answer: { bytes: evil }, says: 'SHA-256 is' },
    {
      why: 'no list of digests',
      path: SUMS,
      answer: { status: 404 },
      says: 'SHA256SUMS: HTTP 404',
    },
    {
      why: 'a list without ours',
      path: SUMS,
      answer: { bytes: Buffer.from(`${'0'.repeat(64)}  a\n${'0'.repeat(64)}  b\n`) },
      says: 'no SHA-256 of etcd',
    },
  ])('$why', async ({ path, answer, says }) => {
    server.files.set(path, answer);
    expect(contentOf((await acquire()).kubectl)).toBe(BUILT);
    expect(said()).toContain('releases are not used:');
    expect(said()).toContain(says);
    expect(said()).toContain(server.url + path);
  });

  test('an archive with the right digest and the wrong content', async () => {
    mkdirSync(join(folder, 'tar', 'other'));
    writeFileSync(join(folder, 'tar', 'other', 'etcd'), 'not at its place');
    const file = join(folder, 'other.tar.gz');
    await create({ gzip: true, file, cwd: join(folder, 'tar') }, ['other']);
    const bytes = readFileSync(file);
    server.files.set(ETCD, { bytes });
    server.files.set(SUMS, { bytes: Buffer.from(sha256(bytes)) });
    await acquire();
    expect(said()).toContain(`has no etcd-v${ETCD_VERSION}-linux-amd64/etcd`);
  });

  test('a redirect is followed, and the digest still counts', async () => {
    server.files.set(`${KUBERNETES}/kubectl`, { redirect: `${server.url}/mirror` });
    server.files.set('/mirror', { bytes: evil });
    await acquire();
    expect(said()).toContain('kubectl: SHA-256 is');
  });

  test('nobody listens there', async () => {
    const nobody = 'http://127.0.0.1:1';
    const origins = { kubernetesUrl: nobody, etcdUrl: nobody };
    const download = { origins, platform: 'linux', arch: 'x64' };
    expect(contentOf((await acquire({ download })).etcd)).toBe(BUILT);
    expect(said()).toContain('cannot be reached');
  });
});

describe('no way is left', () => {
  const download = { platform: 'darwin', arch: 'arm64' };

  test('without Go: the error says what would help', async () => {
    const work = acquire({ download, go: join(folder, 'no-such-go') });
    await expect(work).rejects.toThrow(/no Go: .*Install Go .*KUBEBUILDER_ASSETS/);
  });

  test('a build that fails: the error has the last lines of Go', async () => {
    const go = fakeGo('echo "main.go:7: undefined: etcd" >&2; exit 1');
    await expect(acquire({ download, go })).rejects.toThrow(
      /go build ended with 1:\nmain\.go:7: undefined: etcd/,
    );
  });

  test('and nothing of it is in the cache', async () => {
    server.files.set(`${KUBERNETES}/kubectl`, { status: 404 });
    await expect(acquire({ go: fakeGo('echo half > "$out"; exit 1') })).rejects.toThrow('go build');
    expect(existsSync(cache())).toBe(false);
    expect(readdirSync(dirname(cache()))).toEqual([]);
  });
});
