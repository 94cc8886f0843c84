import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { takeKernel } from '../../../src/image/kernel.ts';
import { FileServer } from '../../support/file-server.ts';
import { elfFile, KERNEL } from './elf-file.ts';
import { ownFolder, put } from './support.ts';

const at = ownFolder();
const bytes = elfFile(KERNEL);
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
const facts = { size: bytes.length, sha256: sha256(bytes), version: 'v0.57.0-398-g0e34e4dc' };
const wrong = 'ab'.repeat(32);

let server: FileServer;
beforeEach(async () => {
  server = await FileServer.start();
  server.files.set('/kernel', { bytes });
  server.files.set('/kernel.gz', { bytes: gzipSync(bytes) });
});
afterEach(() => server.stop());

const url = (path: string): string => `${server.url}${path}`;

describe('a kernel is copied and looked at', () => {
  test.each<[string, () => { location: string; sha256?: string }]>([
    ['file', () => ({ location: put(at('kernel'), bytes) })],
    ['file with its digest', () => ({ location: put(at('kernel'), bytes), sha256: sha256(bytes) })],
    ['packed file', () => ({ location: put(at('kernel.gz'), gzipSync(bytes)) })],
    ['URL', () => ({ location: url('/kernel'), sha256: sha256(bytes).toUpperCase() })],
    ['packed, by URL', () => ({ location: url('/kernel.gz'), sha256: sha256(gzipSync(bytes)) })],
  ])('%s', async (_what, source) => {
    expect(await takeKernel(source(), at('copy'))).toEqual(facts);
    expect(readFileSync(at('copy')).equals(bytes)).toBe(true);
  });
});

describe('refused, and nothing is left', () => {
  test.each<[string, () => { location: string; sha256?: string }, string]>([
    ['no such file', () => ({ location: at('none') }), 'no such file'],
    [
      'not the digest',
      () => ({ location: put(at('kernel'), bytes), sha256: wrong }),
      `SHA-256 is ${sha256(bytes)}, not ${wrong}`,
    ],
    [
      'no digest',
      () => ({ location: put(at('kernel'), bytes), sha256: 'abc' }),
      '--kernel-sha256: must be 64 hexadecimal digits, got "abc"',
    ],
    [
      'URL without digest',
      () => ({ location: url('/kernel') }),
      '--kernel-sha256: must be given with a URL',
    ],
    [
      'not the digest, by URL',
      () => ({ location: url('/kernel'), sha256: wrong }),
      `/kernel: SHA-256 is ${sha256(bytes)}`,
    ],
    ['HTTP 404', () => ({ location: url('/none'), sha256: wrong }), '/none: HTTP 404'],
    [
      'nobody there',
      () => ({ location: 'http://127.0.0.1:1/k', sha256: wrong }),
      'http://127.0.0.1:1/k: cannot be reached',
    ],
    ['not packed', () => ({ location: put(at('kernel.gz'), bytes) }), 'incorrect header check'],
    [
      'no kernel',
      () => ({ location: put(at('ls'), elfFile()) }),
      'ls: is an ELF file, but not an OSv kernel',
    ],
  ])('%s', async (_what, source, message) => {
    await expect(takeKernel(source(), at('copy'))).rejects.toThrow(message);
    expect(existsSync(at('copy'))).toBe(false);
  });
});
