/** Values that people set, for the tests of what is rendered. */

export interface Variant {
  readonly why: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** Kinds that are rendered beside, or (false) other than, the usual ones. */
  readonly kinds: Readonly<Record<string, boolean>>;
}

/** Rendered with default values, CRDs apart. */
export const USUAL = [
  'ClusterRole',
  'ClusterRoleBinding',
  'Deployment',
  'NetworkPolicy',
  'PodDisruptionBudget',
  'Secret',
  'Service',
  'ServiceAccount',
];

export const IMAGE = {
  kernel: { image: 'registry.example/osv-faas/kernel:0.1.0' },
  disk: { containerDisk: { image: 'registry.example/osv-faas/node:0.1.0' } },
};

/** @param vms a namespace for pools that is not the release's */
export function variantsFor(vms: string): readonly Variant[] {
  return [
    { why: 'a first try: no value given', values: {}, kinds: {} },
    {
      why: 'keys come from a vault: the chart must make none',
      values: { keys: { existingSecret: 'from-the-vault' } },
      kinds: { Secret: false },
    },
    {
      why: 'a pool of its own namespace, VMs of others guarded, metrics scraped',
      values: {
        pool: { create: true, namespace: vms, spec: { image: IMAGE, warm: { max: 1000 } } },
        networkPolicy: {
          vmNamespaces: [vms, 'default'],
          adminFrom: [{ namespaceSelector: { matchLabels: { team: 'metrics' } } }],
        },
      },
      kinds: { OsvPool: true },
    },
    {
      why: 'a public gateway that scales itself',
      values: {
        gateway: {
          autoscaling: { enabled: true, maxReplicas: 40 },
          podDisruptionBudget: { maxUnavailable: '25%' },
          service: {
            type: 'LoadBalancer',
            port: 8000,
            annotations: { 'example.com/scheme': 'public' },
            loadBalancerClass: 'example.com/inner',
          },
          options: { drainSeconds: 900, maxBodyBytes: 1_073_741_824 },
        },
      },
      kinds: { HorizontalPodAutoscaler: true },
    },
    {
      why: 'all that can be switched off is off',
      values: {
        operator: { replicas: 0 },
        gateway: { podDisruptionBudget: { enabled: false }, replicas: 1 },
        networkPolicy: { enabled: false },
      },
      kinds: { NetworkPolicy: false, PodDisruptionBudget: false },
    },
    {
      why: 'nodes, names and images as a company wants them',
      values: {
        fullnameOverride: 'functions',
        image: { repository: 'registry.example:5000/a/b', digest: `sha256:${'0'.repeat(64)}` },
        imagePullSecrets: [{ name: 'registry' }],
        operator: {
          nodeSelector: { 'node-role.kubernetes.io/control-plane': '' },
          tolerations: [{ key: 'control-plane', operator: 'Exists', effect: 'NoSchedule' }],
          priorityClassName: 'system-cluster-critical',
          serviceAccountAnnotations: { 'example.com/role': 'operator' },
        },
        gateway: {
          podLabels: { team: 'edge' },
          podAnnotations: { 'example.com/scrape': 'true' },
          affinity: {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                {
                  topologyKey: 'kubernetes.io/hostname',
                  labelSelector: { matchLabels: { 'app.kubernetes.io/component': 'gateway' } },
                },
              ],
            },
          },
        },
      },
      kinds: {},
    },
  ];
}
