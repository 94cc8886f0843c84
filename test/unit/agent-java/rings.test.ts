import { describe, expect, test } from '@jest/globals';
import { javaSources, namesIn, ringsOf } from '../../support/java-names.ts';

const ROOT = new URL('../../../src/agent-java', import.meta.url).pathname;
const MAX_LINES = 300;

/** The rings among files of the package p, written without their package lines. */
function ringsAmong(files: Record<string, string>): string[][] {
  return ringsOf(namesIn(new Map(Object.entries(files))));
}

describe('a ring of Java classes', () => {
  test('is found through any number of files, packages and kinds of names', () => {
    const rings = ringsAmong({
      'p/A.java': 'import p.q.B; class A { B b; }',
      'p/q/B.java': 'class B { void c() { C.of(); } }',
      'p/q/C.java': 'class C { p.D d; }',
      'p/D.java': 'class D extends A {}',
      'p/E.java': 'class E { A a; }',
    });
    expect(rings).toEqual([['p/A.java', 'p/D.java', 'p/q/B.java', 'p/q/C.java']]);
  });

  test('is none through comments, text or a class of the same name elsewhere', () => {
    const rings = ringsAmong({
      'p/A.java': 'class A { B b; }',
      'p/B.java': '/** For {@link A}. */ class B { String a = "A \\" A"; char c = \'A\'; } // A',
      'p/C.java': 'import other.D; class C { D d; }',
      'p/D.java': 'class D { C c; }',
    });
    expect(rings).toEqual([]);
  });
});

test('the Java agent has no ring of classes', () => {
  const sources = javaSources(ROOT);
  expect(sources.size).toBeGreaterThan(50);
  expect(ringsOf(namesIn(sources))).toEqual([]);
});

test('no Java file is too long to be read at once', () => {
  const long = [...javaSources(ROOT)].filter(([, text]) => text.split('\n').length > MAX_LINES + 1);
  expect(long.map(([file]) => file)).toEqual([]);
});
