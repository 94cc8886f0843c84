/**
 * Makes from crds/*.yaml what follows from them: TypeScript types, the field
 * reference, and the chart's copy of the CRDs. With --check it writes nothing
 * and fails when a file is not what it would write.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { compile } from 'json-schema-to-typescript';
import { parse } from 'yaml';
import { fieldReference } from './field-reference.ts';
import { jsonSchemaOf, type CustomResourceDefinition } from './schema.ts';

const root = join(import.meta.dirname, '..');
const BANNER = (source: string): string =>
  `/** Generated from ${source} by \`npm run generate\`; do not edit. */\n`;

async function outputsOf(file: string): Promise<ReadonlyMap<string, string>> {
  const text = readFileSync(join(root, file), 'utf8');
  const crd = parse(text, { merge: true }) as CustomResourceDefinition;
  const { kind, singular } = crd.spec.names;
  const types = await compile(jsonSchemaOf(crd), kind, {
    bannerComment: BANNER(file),
    style: { singleQuote: true, printWidth: 100 },
    strictIndexSignatures: true,
    // Bounded arrays would become unions of tuples, one for each length.
    ignoreMinAndMaxItems: true,
  });
  return new Map([
    [`src/api/${singular}.gen.ts`, types],
    [`docs/reference/${singular}.md`, fieldReference(crd)],
    [`charts/osv-faas/crds/${basename(file)}`, text],
  ]);
}

function differs(path: string, text: string): boolean {
  return !existsSync(path) || readFileSync(path, 'utf8') !== text;
}

const check = process.argv.includes('--check');
const stale: string[] = [];
for (const file of ['crds/functions.yaml', 'crds/osvpools.yaml']) {
  for (const [name, text] of await outputsOf(file)) {
    const path = join(root, name);
    if (!differs(path, text)) continue;
    stale.push(name);
    if (check) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
for (const name of stale) console.log(check ? `${name} is out of date: npm run generate` : `wrote ${name}`);
if (check && stale.length > 0) process.exitCode = 1;
