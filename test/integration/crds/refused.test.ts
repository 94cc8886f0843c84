import { beforeAll, describe, expect, test } from '@jest/globals';
import { FUNCTIONS, OSVPOOLS } from '../../../src/api/types.ts';
import type { Resource } from '../../../src/runtime/kube.ts';
import { sharedCluster, type Cluster } from '../../support/cluster.ts';
import { FUNCTION_REFUSALS } from './function-refusals.ts';
import { dryRun, FUNCTION, merged, OSVPOOL, refusalOf } from './manifests.ts';
import { POOL_REFUSALS } from './pool-refusals.ts';
import { SCHEDULING_REFUSALS } from './scheduling-refusals.ts';

let cluster: Cluster;
let namespace: string;

beforeAll(async () => {
  cluster = sharedCluster();
  namespace = await cluster.newNamespace('refused');
});

describe('a Function is refused', () => {
  test.each(FUNCTION_REFUSALS)('$why', async ({ patch, says }) => {
    const message = await refusalOf(dryRun(cluster, namespace, merged(FUNCTION, patch)));
    for (const part of says) expect(message).toContain(part);
  });
});

describe('an OsvPool is refused', () => {
  test.each([...POOL_REFUSALS, ...SCHEDULING_REFUSALS])('$why', async ({ patch, says }) => {
    const message = await refusalOf(dryRun(cluster, namespace, merged(OSVPOOL, patch)));
    for (const part of says) expect(message).toContain(part);
  });
});

interface Change {
  readonly why: string;
  readonly resource: Resource;
  readonly from: Record<string, unknown>;
  readonly to: Record<string, unknown>;
  readonly says: string;
}

const CHANGES: readonly Change[] = [
  {
    why: 'the VMs of an application are its own for life',
    resource: FUNCTIONS,
    from: { application: 'shop' },
    to: { application: 'bank' },
    says: 'spec.application is immutable',
  },
  {
    why: 'without the field the application is the Function itself: another one',
    resource: FUNCTIONS,
    from: { application: 'shop' },
    to: { application: null },
    says: 'spec.application is immutable: it can be neither added nor removed',
  },
  {
    why: 'and the other way round',
    resource: FUNCTIONS,
    from: {},
    to: { application: 'shop' },
    says: 'spec.application is immutable: it can be neither added nor removed',
  },
  {
    why: 'the warm VMs of a pool have the runtime that they have',
    resource: OSVPOOLS,
    from: { runtime: 'Node' },
    to: { runtime: 'Java' },
    says: 'spec.runtime is immutable',
  },
];

describe('a change is refused', () => {
  test.each(CHANGES)('$why', async ({ resource, from, to, says }) => {
    const base = resource === FUNCTIONS ? FUNCTION : OSVPOOL;
    const name = `change-${CHANGES.findIndex((change) => change.to === to)}`;
    const object = merged(base, { metadata: { name, namespace }, spec: from });
    await cluster.client.create(resource, object as { metadata: object });
    const change = cluster.client.patch(
      { resource, name, namespace },
      { spec: to },
      { type: 'merge' },
    );
    expect(await refusalOf(change)).toContain(says);
  });
});
