import type { Function } from '../../api/types.ts';
import { applicationId, applicationOf } from '../../domain/application.ts';
import { keyOf, type Informer, type KubeObject } from '../../runtime/kube.ts';
import { referencesOf, referenceText, type ReferencedKind } from '../sources/references.ts';

/** Which ConfigMaps and Secrets there are, and their versions. */
export type ReferencedObjects = Readonly<Record<ReferencedKind, Informer<KubeObject>>>;

/** Indexes of Functions that the operator's informer needs. */
export const FUNCTION_INDEXES = {
  /** By the id of their application. */
  application: (fn: Function): string[] => [applicationId(applicationOf(fn))],
  /** By each object that they read. */
  reference: (fn: Function): string[] => referencesOf(fn).map(referenceText),
};

/** Calls `changed` with the key of each Function that reads an object which has changed. */
export function followReferences(
  objects: ReferencedObjects,
  functions: Informer<Function>,
  changed: (key: string) => void,
): void {
  for (const kind of ['ConfigMap', 'Secret'] as const) {
    objects[kind].on(({ object }) => {
      const reference = referenceText({ kind, key: keyOf(object) });
      for (const fn of functions.byIndex('reference', reference)) changed(keyOf(fn));
    });
  }
}
