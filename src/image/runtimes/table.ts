import { javaRuntime } from './java.ts';
import { nativeRuntime } from './native.ts';
import { nodeRuntime } from './node.ts';
import type { Runtime } from './runtime.ts';

/** What `--runtime` may name. */
export const RUNTIMES = {
  node: nodeRuntime,
  java: javaRuntime,
  native: nativeRuntime,
} satisfies Readonly<Record<string, Runtime>>;

export type RuntimeName = keyof typeof RUNTIMES;
