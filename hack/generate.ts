/**
 * Makes from crds/*.yaml what follows from them: TypeScript types, the field
 * reference, and the chart's copy of the CRDs; from the tables of conditions and Events their references; from the schema
 * of manifests the rules of the Java and the native agent; from the samples their archive, and from the pools
 * the page of their VMs. With --check it writes nothing and fails when a file is not what it would write.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { compile } from 'json-schema-to-typescript';
import { parse } from 'yaml';
import { archiveOf } from './archive.ts';
import { conditionReference } from './condition-reference.ts';
import { eventReference } from './event-reference.ts';
import { fieldReference } from './field-reference.ts';
import { manifestRules } from './manifest-rules.ts';
import { renderedVmis } from './rendered-vmis.ts';
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

function vmiPage(): readonly [string, string] {
  const files = readdirSync(join(root, 'manifests/pools')).toSorted();
  const pools = files.map((file): [string, string] => [
    file,
    readFileSync(join(root, 'manifests/pools', file), 'utf8'),
  ]);
  return ['docs/reference/vmi.md', renderedVmis(pools)];
}

/** The sample's archive, and its manifest with the digest of it. */
async function sampleOutputs(): Promise<ReadonlyMap<string, string | Buffer>> {
  const manifest = 'manifests/samples/csv-report.yaml';
  const { bytes, sha256 } = await archiveOf(root, {
    folder: 'manifests/samples/csv-report',
    packages: { papaparse: ['package.json', 'papaparse.js', 'LICENSE'] },
  });
  const text = readFileSync(join(root, manifest), 'utf8');
  return new Map<string, string | Buffer>([
    ['manifests/samples/archives/csv-report.tar', bytes],
    [manifest, text.replace(/sha256: .*/, `sha256: ${sha256}`)],
  ]);
}

function differs(path: string, content: string | Buffer): boolean {
  return !existsSync(path) || !readFileSync(path).equals(Buffer.from(content));
}

const check = process.argv.includes('--check');
const outputs = [
  ...(await outputsOf('crds/functions.yaml')),
  ...(await outputsOf('crds/osvpools.yaml')),
  ...(await sampleOutputs()),
  vmiPage(),
  ['docs/reference/conditions.md', conditionReference()] as const,
  ['docs/reference/events.md', eventReference()] as const,
  ...manifestRules(),
];
const stale = outputs.filter(([name, content]) => differs(join(root, name), content));
for (const [name, content] of stale) {
  console.log(check ? `${name} is out of date: npm run generate` : `wrote ${name}`);
  if (check) continue;
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), content);
}
if (check && stale.length > 0) process.exitCode = 1;
