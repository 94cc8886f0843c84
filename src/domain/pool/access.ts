import type { OsvPool } from '../../api/types.ts';

/** Whether Functions of `namespace` may use the pool (`spec.allowedNamespaces`). */
export function mayUse(pool: OsvPool, namespace: string): boolean {
  const { from, names = [] } = pool.spec.allowedNamespaces;
  switch (from) {
    case 'All':
      return true;
    case 'Names':
      return names.includes(namespace);
    case 'Same':
      return pool.metadata.namespace === namespace;
  }
}
