/** The rules of a manifest as constants of the Java and the native agent, from the schema that the Node agent reads. */
import { FILE_SCHEMA, FUNCTION_SCHEMA, MANIFEST_SCHEMA } from '../src/api/manifest-schema.ts';

const NUMBERS = {
  version: MANIFEST_SCHEMA.version.const,
  maxFunctions: MANIFEST_SCHEMA.functions.maxItems,
  maxSlots: MANIFEST_SCHEMA.slots.maximum,
  maxTimeoutMs: FUNCTION_SCHEMA.timeoutMs.maximum,
  maxFiles: FUNCTION_SCHEMA.files.maxItems,
  maxFileSize: FILE_SCHEMA.size.maximum,
  maxPathBytes: FILE_SCHEMA.path.maxBytes,
  maxPartBytes: FILE_SCHEMA.path.maxPartBytes,
};
const PATTERNS = {
  namePattern: FUNCTION_SCHEMA.name.pattern,
  sha256Pattern: MANIFEST_SCHEMA.payloadSha256.pattern,
};
const SIGNATURES = FUNCTION_SCHEMA.signature.enum.map((name) => JSON.stringify(name)).join(', ');
const BANNER = 'Generated from src/api/manifest-schema.ts by `npm run generate`; do not edit.';

export function manifestRules(): readonly (readonly [string, string])[] {
  return [
    ['src/agent-native/manifest_rules_gen.go', goRules()],
    ['src/agent-java/io/osv/faas/agent/bind/ManifestRules.java', javaRules()],
  ];
}

function goRules(): string {
  const numbers = aligned(Object.entries(NUMBERS).map(([name, value]) => [goName(name), value]));
  const patterns = aligned(
    Object.entries(PATTERNS).map(([name, pattern]) => [name, `\`${pattern}\``]),
  );
  return `// ${BANNER}

package main

const (
${numbers})

const (
${patterns})

var signatures = []string{${SIGNATURES}}
`;
}

/** As gofmt has it. */
function aligned(rows: readonly (readonly [string, string | number])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `\t${name.padEnd(width)} = ${value}\n`).join('');
}

function goName(name: string): string {
  return name === 'version' ? 'manifestVersion' : name;
}

function javaRules(): string {
  const numbers = Object.entries(NUMBERS).map(([name, value]) => {
    const isInt = value < 2 ** 31;
    return `  static final ${isInt ? 'int' : 'long'} ${constant(name)} = ${value}${isInt ? '' : 'L'};\n`;
  });
  const patterns = Object.entries(PATTERNS).map(
    ([name, pattern]) => `  static final String ${constant(name)} = ${JSON.stringify(pattern)};\n`,
  );
  return `package io.osv.faas.agent.bind;

import java.util.List;

/** ${BANNER} */
final class ManifestRules {
${numbers.join('')}${patterns.join('')}  static final List<String> SIGNATURES = List.of(${SIGNATURES});

  private ManifestRules() {}
}
`;
}

function constant(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
