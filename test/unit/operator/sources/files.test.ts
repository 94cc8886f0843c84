import { describe, expect, test } from '@jest/globals';
import { pathProblem } from '../../../../src/agent/bind/files.ts';
import type { SourceFile } from '../../../../src/operator/bind/bundle.ts';
import {
  checkedFiles,
  checkPath,
  MAX_FILES,
  MAX_SOURCE_BYTES,
} from '../../../../src/operator/sources/files.ts';
import { SourceProblem } from '../../../../src/operator/sources/problem.ts';

const empty = Buffer.alloc(0);
const files = (...paths: string[]): SourceFile[] => paths.map((path) => ({ path, content: empty }));

/** Reason and message of what was thrown; undefined when nothing was. */
function problemOf(work: () => unknown): [reason: string, message: string] | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!(error instanceof SourceProblem)) throw error;
    return [error.reason, error.message];
  }
}

const PATHS = [
  { path: 'index.js', good: true, why: 'a file' },
  { path: 'node_modules/@scope/pkg/lib/a.js', good: true, why: 'as npm makes them' },
  { path: '.npmrc', good: true, why: 'a dot is a name when more follows' },
  { path: '...', good: true, why: 'three dots are a name' },
  { path: 'a b/ü.js', good: true, why: 'spaces and letters of any kind' },
  { path: 'x'.repeat(255), good: true, why: 'the longest part' },
  { path: 'x'.repeat(256), good: false, why: 'a part too long' },
  { path: 'ü'.repeat(128), good: false, why: 'bytes count, not letters' },
  { path: `${'d/'.repeat(511)}ab`, good: true, why: 'the longest path' },
  { path: `${'d/'.repeat(511)}abc`, good: false, why: 'a path too long' },
  { path: '', good: false, why: 'no name' },
  { path: '/etc/passwd', good: false, why: 'absolute' },
  { path: '../secret', good: false, why: 'climbs out' },
  { path: 'a/../../secret', good: false, why: 'climbs out in the middle' },
  { path: 'a/..', good: false, why: 'climbs at the end' },
  { path: './a', good: false, why: 'one file, two names' },
  { path: 'a//b', good: false, why: 'one file, two names' },
  { path: 'a/', good: false, why: 'a folder' },
  { path: '..\\secret', good: false, why: 'climbs where backslashes separate' },
  { path: 'a\0b', good: false, why: 'the system would read "a"' },
];

describe('a path', () => {
  test.each(PATHS)('$path is good: $good, $why', ({ path, good }) => {
    const problem = problemOf(() => {
      checkPath(path);
    });
    expect(problem?.[0]).toBe(good ? undefined : 'PathInvalid');
    // The agent takes exactly the same: whatever it refuses would cost a VM.
    expect(pathProblem(path) === undefined).toBe(good);
  });

  test('is named, shortened, with the rule', () => {
    const [, message] =
      problemOf(() => checkedFiles(files('ok.js', `../${'x'.repeat(900)}`))) ?? [];
    expect(message).toContain('path "../xxx');
    expect(message).toContain('must be relative');
    expect(message?.length).toBeLessThan(500);
  });
});

describe('files together', () => {
  test.each([
    { given: files('a.js', 'lib/a.js', 'lib2/a.js', 'lib.js'), why: 'names that look alike' },
    { given: files('a', 'ab/c', 'a.d/e'), why: 'a file is the beginning of a folder’s name' },
  ])('are taken as they are: $why', ({ given }) => {
    expect(checkedFiles(given)).toBe(given);
  });

  test.each([
    { given: files('a.js', 'b.js', 'a.js'), says: '"a.js" must be there once', why: 'twice' },
    {
      given: files('lib', 'lib/a.js'),
      says: '"lib/a.js" must not lie below lib',
      why: 'a file is no folder',
    },
    {
      given: files('a/b/c/d', 'a/b'),
      says: '"a/b/c/d" must not lie below a/b',
      why: 'nor further up',
    },
  ])('$why', ({ given, says }) => {
    const [reason, message] = problemOf(() => checkedFiles(given)) ?? [];
    expect(reason).toBe('PathInvalid');
    expect(message).toContain(says);
  });

  test('none are no source', () => {
    expect(problemOf(() => checkedFiles([]))?.[0]).toBe('SourceEmpty');
  });

  test('as many as agents take, and not one more', () => {
    const names = Array.from({ length: MAX_FILES + 1 }, (_, index) => `f${index}`);
    expect(problemOf(() => checkedFiles(files(...names.slice(1))))).toBeUndefined();
    const [reason, message] = problemOf(() => checkedFiles(files(...names))) ?? [];
    expect(reason).toBe('SourceTooLarge');
    expect(message).toContain('20001 files, at most 20000');
  });

  test('as many bytes as agents take, in all, and not one more', () => {
    const half = Buffer.alloc(MAX_SOURCE_BYTES / 2);
    const two = ['a', 'b'].map((path) => ({ path, content: half }));
    expect(problemOf(() => checkedFiles(two))).toBeUndefined();
    const more = [...two, { path: 'c', content: Buffer.alloc(1) }];
    expect(problemOf(() => checkedFiles(more))?.[0]).toBe('SourceTooLarge');
  });
});
