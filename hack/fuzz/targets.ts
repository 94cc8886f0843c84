import type { Target } from './target.ts';

interface TargetModule {
  readonly open: () => Target | Promise<Target>;
}

const TARGETS = {
  upstream: () => import('./targets/upstream.ts'),
  downstream: () => import('./targets/downstream.ts'),
  agent: () => import('./targets/agent.ts'),
  stream: () => import('./targets/stream.ts'),
  archive: () => import('./targets/archive.ts'),
  rofs: () => import('./targets/rofs.ts'),
} satisfies Record<string, () => Promise<TargetModule>>;

export type TargetName = keyof typeof TARGETS;
export const NAMES = Object.keys(TARGETS) as readonly TargetName[];

export function isTargetName(text: string): text is TargetName {
  return Object.hasOwn(TARGETS, text);
}

export async function openTarget(name: TargetName): Promise<Target> {
  const { open } = (await TARGETS[name]()) as TargetModule;
  return open();
}
