/** Functions and pools as the API server gives them back, defaults filled in; a test says what differs. */
import type { KubeMeta } from '../../../src/api/meta.ts';
import type { Function, FunctionSpec, OsvPool, OsvPoolSpec } from '../../../src/api/types.ts';

export function aFunction(
  metadata: Partial<KubeMeta> = {},
  spec: Partial<FunctionSpec> = {},
): Function {
  return {
    metadata: { name: 'hello', namespace: 'shop', uid: 'uid-fn', generation: 1, ...metadata },
    spec: {
      poolRef: { name: 'node' },
      source: { inline: { files: { 'index.js': 'export default {}' } } },
      handler: 'index.default',
      signature: 'Auto',
      concurrency: 16,
      timeoutSeconds: 60,
      scaling: { min: 0, max: 100, headroom: { percent: 20 }, idle: { afterSeconds: 30 } },
      ...spec,
    },
  };
}

export type Scaling = FunctionSpec['scaling'];

export function scaling(changes: Partial<Scaling>): Pick<FunctionSpec, 'scaling'> {
  return { scaling: { ...aFunction().spec.scaling, ...changes } };
}

export function aPool(spec: Partial<OsvPoolSpec> = {}, metadata: Partial<KubeMeta> = {}): OsvPool {
  return {
    metadata: { name: 'node', namespace: 'pools', uid: 'uid-pool', generation: 1, ...metadata },
    spec: {
      image: {
        boot: 'Kernel',
        kernel: {
          image: 'registry.example/osv:1',
          path: '/boot/loader-stripped.elf',
          pullPolicy: 'IfNotPresent',
        },
        disk: {
          containerDisk: {
            image: 'registry.example/osv-node:1',
            path: '/disk/root.img',
            pullPolicy: 'IfNotPresent',
          },
        },
      },
      runtime: 'Node',
      machine: {
        cpu: { cores: 1, model: 'host-passthrough', request: '100m' },
        memory: '128Mi',
        overcommitGuestOverhead: false,
        serialLog: false,
      },
      warm: { min: 2, refillPerSecond: 10, readyTimeoutSeconds: 120, policy: 'Fixed' },
      maxVms: 100,
      network: { binding: 'Masquerade' },
      allowedNamespaces: { from: 'Same' },
      ...spec,
    },
  };
}
