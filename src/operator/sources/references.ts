import type { Function } from '../../api/types.ts';

export type ReferencedKind = 'ConfigMap' | 'Secret';

/** An object of the Function's namespace that its source or environment is read from. */
export interface Reference {
  readonly kind: ReferencedKind;
  /** `namespace/name`. */
  readonly key: string;
}

/** All that {@link Resolve} reads of the API server for this Function, optional ones too. */
export function referencesOf({ metadata: { namespace }, spec }: Function): readonly Reference[] {
  const configMaps = [
    spec.source.configMap?.name,
    ...(spec.envFrom ?? []).map((from) => from.configMapRef?.name),
    ...(spec.env ?? []).map((variable) => variable.valueFrom?.configMapKeyRef?.name),
  ];
  const secrets = [
    spec.source.archive?.secretRef?.name,
    ...(spec.envFrom ?? []).map((from) => from.secretRef?.name),
    ...(spec.env ?? []).map((variable) => variable.valueFrom?.secretKeyRef?.name),
  ];
  const references = (kind: ReferencedKind, names: readonly (string | undefined)[]): Reference[] =>
    [...new Set(names)].flatMap((name) =>
      name === undefined ? [] : [{ kind, key: `${namespace}/${name}` }],
    );
  return [...references('ConfigMap', configMaps), ...references('Secret', secrets)];
}

/** A reference as one text, for an index of Functions by what they refer to. */
export function referenceText({ kind, key }: Reference): string {
  return `${kind} ${key}`;
}
