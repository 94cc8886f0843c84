import type { Refusal } from './manifests.ts';

const scheduling = (fields: Record<string, unknown>): Refusal['patch'] => ({
  spec: { scheduling: fields },
});
const nodes = (required: unknown): Refusal['patch'] =>
  scheduling({
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } },
  });
const expression = (fields: object): Refusal['patch'] =>
  nodes({ nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', ...fields }] }] });
const zone = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' };

/** What KubeVirt, or the API server with the launcher pod, would refuse later, VM after VM. */
export const SCHEDULING_REFUSALS: readonly Refusal[] = [
  {
    why: 'no node has such a label',
    patch: scheduling({ nodeSelector: { disk: 'very fast' } }),
    says: ['spec.scheduling.nodeSelector.disk: Invalid value: "very fast"'],
  },
  {
    why: 'nor one of such a name',
    patch: scheduling({ nodeSelector: { 'a disk': 'fast' } }),
    says: ['the keys of spec.scheduling.nodeSelector must be names of labels'],
  },
  {
    why: 'whatever the value is: it has none',
    patch: scheduling({ tolerations: [{ key: 'gpu', operator: 'Exists', value: 'yes' }] }),
    says: ['spec.scheduling.tolerations.value must be empty with operator Exists'],
  },
  {
    why: 'the value of what?',
    patch: scheduling({ tolerations: [{ value: 'yes', effect: 'NoSchedule' }] }),
    says: ['spec.scheduling.tolerations.operator must be Exists without a key'],
  },
  {
    why: 'only NoExecute is borne for a time',
    patch: scheduling({
      tolerations: [{ operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 5 }],
    }),
    says: ['spec.scheduling.tolerations.tolerationSeconds is for the effect NoExecute'],
  },
  {
    why: 'a taint has a proper name',
    patch: scheduling({ tolerations: [{ key: 'a taint', operator: 'Exists' }] }),
    says: ['spec.scheduling.tolerations[0].key: Invalid value: "a taint"'],
  },
  {
    why: 'the same constraint twice',
    patch: scheduling({ topologySpreadConstraints: [zone, { ...zone, maxSkew: 2 }] }),
    says: ['spec.scheduling.topologySpreadConstraints[1]: Duplicate value'],
  },
  {
    why: 'a selector with a field that there is not',
    patch: scheduling({ topologySpreadConstraints: [{ ...zone, labelSelector: { labels: {} } }] }),
    says: ['unknown field "spec.scheduling.topologySpreadConstraints[0].labelSelector.labels"'],
  },
  {
    why: 'an affinity that there is not',
    patch: scheduling({ affinity: { zoneAffinity: {} } }),
    says: ['unknown field "spec.scheduling.affinity.zoneAffinity"'],
  },
  {
    why: 'no term means no node',
    patch: nodes({ nodeSelectorTerms: [] }),
    says: ['nodeSelectorTerms: Invalid value: 0'],
  },
  {
    why: 'In of nothing',
    patch: expression({ operator: 'In' }),
    says: ['values must be given with operator In and NotIn'],
  },
  {
    why: 'Exists with a value',
    patch: expression({ operator: 'Exists', values: ['a'] }),
    says: ['values must be left out with operator Exists and DoesNotExist'],
  },
  {
    why: 'greater than a word',
    patch: expression({ operator: 'Gt', values: ['many'] }),
    says: ['values must be one integer with operator Gt and Lt'],
  },
  {
    why: 'near to what?',
    patch: scheduling({
      affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{}] } },
    }),
    says: ['podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required'],
  },
  {
    why: 'no class is called so',
    patch: scheduling({ priorityClassName: 'Very High' }),
    says: ['spec.scheduling.priorityClassName: Invalid value: "Very High"'],
  },
];
