import type { Function } from '../../api/types.ts';
import type { Informer } from '../../runtime/kube.ts';

/** Whether the application has a function of this name: what guests say of others is dropped. */
export type IsOwn = (application: string, name: string) => boolean;

export function ownFunctions(functions: Informer<Function>): IsOwn {
  return (application, name) =>
    functions.byIndex('application', application).some((fn) => fn.metadata.name === name);
}

/** Of what a guest lists, what concerns functions of its application: each once, so that lists stay short. */
export function owned<T extends { readonly name: string }>(
  listed: readonly T[],
  isOwn: (name: string) => boolean,
): readonly T[] {
  const byName = new Map(listed.map((one) => [one.name, one]));
  return [...byName.values()].filter(({ name }) => isOwn(name));
}
