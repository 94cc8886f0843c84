import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Which Java files name which others: paths relative to the root, each with those that it names. */
export type Names = ReadonlyMap<string, ReadonlySet<string>>;

const TYPE = /^(.*\/)?([^/]+)\.java$/;

/** The text that the compiler reads: without comments, text and characters. */
export function codeOf(source: string): string {
  return source.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g,
    ' ',
  );
}

/** Reads every Java file below a folder. */
export function javaSources(root: string): Map<string, string> {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const java = files.filter((file) => TYPE.test(file)).sort();
  return new Map(java.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
}

/**
 * Resolves simple names as the language does: what a file imports comes before what its package
 * holds. Names that are written in full count, static imports too.
 */
export function namesIn(sources: ReadonlyMap<string, string>): Names {
  const names = new Map<string, Set<string>>();
  for (const [file, source] of sources) {
    names.set(file, namedBy(file, codeOf(source), new Set(sources.keys())));
  }
  return names;
}

function namedBy(file: string, code: string, files: ReadonlySet<string>): Set<string> {
  const visible = packageOf(file, files);
  const named = new Set<string>();
  for (const [, name = ''] of code.matchAll(/^import\s+(?:static\s+)?([\w.]+)(?:\.\*)?;/gm)) {
    const path = pathIn(name, files) ?? '';
    visible.set(name.slice(name.lastIndexOf('.') + 1), path);
    named.add(path);
  }
  for (const [word] of code.matchAll(/[\w.]+/g)) {
    named.add(visible.get(word.split('.')[0] ?? '') ?? pathIn(word, files) ?? '');
  }
  named.delete('');
  named.delete(file);
  return named;
}

/** The types of a file's own package, by their names. */
function packageOf(file: string, files: ReadonlySet<string>): Map<string, string> {
  const own = [...files].filter((other) => folderOf(other) === folderOf(file));
  return new Map(own.map((other) => [typeOf(other), other]));
}

/** The file of a full name, or of the class that holds it. */
function pathIn(name: string, files: ReadonlySet<string>): string | undefined {
  const parts = name.split('.');
  while (parts.length > 1) {
    const path = `${parts.join('/')}.java`;
    if (files.has(path)) return path;
    parts.pop();
  }
  return undefined;
}

function folderOf(file: string): string {
  return TYPE.exec(file)?.[1] ?? '';
}

function typeOf(file: string): string {
  return TYPE.exec(file)?.[2] ?? '';
}

/** Groups of files that each lead to each other, of more than one (by what reaches what). */
export function ringsOf(names: Names): string[][] {
  const reached = new Map([...names.keys()].map((file) => [file, reachedFrom(file, names)]));
  const rings: string[][] = [];
  const seen = new Set<string>();
  for (const [file, others] of reached) {
    if (seen.has(file) || !others.has(file)) continue;
    const ring = [...others].filter((other) => reached.get(other)?.has(file) === true).sort();
    ring.forEach((other) => seen.add(other));
    rings.push(ring);
  }
  return rings;
}

function reachedFrom(file: string, names: Names): Set<string> {
  const reached = new Set<string>();
  const open = [file];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const other of names.get(next) ?? []) {
      if (!reached.has(other)) {
        reached.add(other);
        open.push(other);
      }
    }
  }
  return reached;
}
