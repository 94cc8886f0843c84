import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { isCoded, wasDecoded } from '../../../src/agent/invoke/coding.ts';

const CODINGS = [
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
] as const;

const MARKUP = ['<!doctype html><html>', '{"a":1,"list":[true]}', 'plain words, a line of them\n'];

function of(coding: string): Headers {
  return new Headers({ 'content-encoding': coding });
}

test.each(CODINGS)('any first piece of a body in %s is coded', (coding, encode) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 5_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (bytes, part) => {
        const coded = encode(bytes);
        const first = coded.subarray(0, Math.ceil(coded.length * part));
        expect(isCoded(of(coding), first)).toBe(true);
      },
    ),
  );
});

test.each(['gzip', 'deflate', 'br', 'zstd'])('what is plain is no %s', (coding) => {
  const seen = MARKUP.map((text) => isCoded(of(coding), Buffer.from(text)));
  expect(seen).toEqual(MARKUP.map(() => false));
});

test.each(CODINGS)('%s of very much is known by its begin, and not unpacked', (coding, encode) => {
  const bomb = encode(Buffer.alloc(64 * 1024 * 1024));
  const before = process.memoryUsage().arrayBuffers;
  expect(isCoded(of(coding), bomb)).toBe(true);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
});

test.each([
  { url: 'http://a/', coding: 'gzip', was: true, why: 'fetch decodes' },
  { url: '', coding: 'br', was: undefined, why: 'its bytes must tell' },
  { url: 'http://a/', coding: 'exi', was: false, why: 'fetch does not know it' },
  {
    url: 'http://a/',
    coding: 'exi, gzip',
    was: false,
    why: 'fetch leaves all when it does not know one',
  },
  { url: '', coding: '', was: false, why: 'nothing is said' },
])('$coding at "$url": $was, since $why', ({ url, coding, was }) => {
  expect(wasDecoded({ url, headers: of(coding) })).toBe(was);
});
