import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import type { BindFunction, BindManifest } from '../../../../src/api/agent-protocol.ts';
import {
  bundleOf,
  digestOf,
  type Bundle,
  type ResolvedFunction,
  type SourceFile,
} from '../../../../src/operator/bind/bundle.ts';
import { bindRequest } from '../../../../src/operator/bind/request.ts';

const WEB = { id: 'shop/web@pools/node', namespace: 'shop' };
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const file = (path: string, text: string): SourceFile => ({ path, content: Buffer.from(text) });

function fn(name: string, changes: Partial<ResolvedFunction> = {}): ResolvedFunction {
  const files = changes.files ?? [file('index.js', name)];
  return {
    name,
    handler: 'index.default',
    signature: 'Auto',
    timeoutMs: 60_000,
    digest: digestOf(files),
    files,
    env: {},
    ...changes,
  };
}

const revision = (...functions: ResolvedFunction[]): string =>
  bundleOf(WEB, functions, 16).revision;

describe('the digest of files', () => {
  const base = [file('a.js', 'one'), file('lib/b.js', 'two')];

  test('does not depend on their order', () => {
    expect(digestOf(base.toReversed())).toBe(digestOf(base));
    expect(digestOf(base)).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  test.each([
    { other: [file('a.js', 'One'), file('lib/b.js', 'two')], why: 'another content' },
    { other: [file('c.js', 'one'), file('lib/b.js', 'two')], why: 'another name' },
    { other: [file('a.js', 'one')], why: 'a file less' },
    { other: [file('a.js', 'two'), file('lib/b.js', 'one')], why: 'contents changed places' },
    { other: [file('a.js', 'onet'), file('lib/b.js', 'wo')], why: 'a byte moved over' },
  ])('changes with $why', ({ other }) => {
    expect(digestOf(other)).not.toBe(digestOf(base));
  });
});

describe('the revision of an application', () => {
  const base = revision(fn('cart'), fn('pay'));

  test('does not depend on the order of its Functions', () => {
    expect(revision(fn('pay'), fn('cart'))).toBe(base);
  });

  test.each([
    { other: fn('cart', { files: [file('index.js', 'new')] }), why: 'code' },
    { other: fn('cart', { handler: 'index.other' }), why: 'handler' },
    { other: fn('cart', { signature: 'Lambda' }), why: 'signature' },
    { other: fn('cart', { timeoutMs: 1 }), why: 'timeout' },
    { other: fn('cart', { env: { A: '1' } }), why: 'environment' },
  ])('changes with its $why: VMs that run must be replaced', ({ other }) => {
    expect(revision(other, fn('pay'))).not.toBe(base);
  });

  test('changes with its slots', () => {
    expect(bundleOf(WEB, [fn('cart'), fn('pay')], 1).revision).not.toBe(base);
  });

  test('does not change with the order of an environment', () => {
    const one = revision(fn('cart', { env: { A: '1', B: '2' } }));
    expect(revision(fn('cart', { env: { B: '2', A: '1' } }))).toBe(one);
  });
});

/** As the agent reads it (src/api/agent-protocol.ts). */
function read(bundle: Bundle): { manifest: BindManifest; payload: Buffer } {
  const { body, manifest: signed } = bindRequest(bundle, {
    vmId: 'id-1',
    token: 'secret',
    binding: 'signed',
  });
  const bytes = Buffer.concat(body);
  const length = bytes.readUInt32BE(0);
  const manifest = bytes.subarray(4, 4 + length);
  expect(manifest.equals(signed)).toBe(true);
  return {
    manifest: JSON.parse(manifest.toString('utf8')) as BindManifest,
    payload: bytes.subarray(4 + length),
  };
}

function filesOf(functions: readonly BindFunction[], payload: Buffer): Record<string, string> {
  const files: Record<string, string> = {};
  let at = 0;
  for (const { name, files: described } of functions) {
    for (const { path, size } of described) {
      files[`${name}:${path}`] = payload.toString('utf8', at, at + size);
      at += size;
    }
  }
  expect(at).toBe(payload.length);
  return files;
}

describe('a bind request', () => {
  const bundle = bundleOf(
    WEB,
    [
      fn('pay', { files: [file('index.js', 'pay äöü'), file('empty.txt', '')], env: { K: '"\n' } }),
      fn('cart', { files: [file('lib/größe.js', 'c')], timeoutMs: 5 }),
    ],
    7,
  );

  test('says whose the VM is, and holds the token for this VM alone', () => {
    const head: Partial<BindManifest> = read(bundle).manifest;
    Reflect.deleteProperty(head, 'functions');
    expect(head).toEqual({
      version: 1,
      vmId: 'id-1',
      application: WEB.id,
      namespace: 'shop',
      revision: bundle.revision,
      slots: 7,
      token: 'secret',
      binding: 'signed',
      payloadSha256: sha256(bundle.payload),
    });
    expect(JSON.stringify(bundle)).not.toContain('secret');
  });

  test('holds every file of every Function, in bytes and not in characters', () => {
    const { manifest, payload } = read(bundle);
    expect(filesOf(manifest.functions, payload)).toEqual({
      'cart:lib/größe.js': 'c',
      'pay:index.js': 'pay äöü',
      'pay:empty.txt': '',
    });
    expect(sha256(payload)).toBe(manifest.payloadSha256);
  });

  test('describes each Function in full and has it loaded before the answer', () => {
    const [cart, pay] = read(bundle).manifest.functions;
    expect(cart).toEqual({
      name: 'cart',
      handler: 'index.default',
      signature: 'Auto',
      timeoutMs: 5,
      digest: digestOf([file('lib/größe.js', 'c')]),
      env: {},
      files: [{ path: 'lib/größe.js', size: 1 }],
      preload: true,
    });
    expect(pay?.env).toEqual({ K: '"\n' });
  });

  test('a Function without files has a payload of nothing', () => {
    expect(read(bundleOf(WEB, [fn('cart', { files: [] })], 1)).payload).toHaveLength(0);
  });
});
