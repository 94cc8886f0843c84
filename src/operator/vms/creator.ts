import { randomUUID } from 'node:crypto';
import { VMIS, type OsvPool } from '../../api/types.ts';
import { vmName } from '../../domain/names.ts';
import { buildVmi } from '../../domain/vmi/build.ts';
import { poolRevision } from '../../domain/vmi/revision.ts';
import type { Clock } from '../../runtime/clock.ts';
import { keyOf, type KubeClient } from '../../runtime/kube.ts';
import type { Fleet } from './fleet.ts';

/** After this a VMI whose creation ended without a clear answer is looked for no longer. */
export const UNSEEN_AFTER_MS = 60_000;

export interface CreatorOptions {
  readonly client: KubeClient;
  readonly fleet: Fleet;
  readonly clock: Clock;
  /** base64url of the operator's raw public key. */
  readonly publicKey: string;
}

/**
 * Creates one generic VM. It is in the fleet before the call is made, so that
 * it is counted while on its way (invariant I7), and leaves it when the API
 * server refused. After an unclear end it stays: the VMI may exist.
 */
export async function createVm(options: CreatorOptions, pool: OsvPool): Promise<void> {
  const { client, fleet, clock, publicKey } = options;
  const vmId = randomUUID();
  const revision = poolRevision(pool.spec);
  const name = vmName(pool.metadata.name, vmId);
  const vmi = buildVmi(pool, { name, vmId, publicKey, revision });
  const { namespace } = pool.metadata;
  const key = `${namespace}/${name}`;
  const now = clock.now();
  fleet.put({
    key,
    name,
    namespace,
    vmId,
    pool: keyOf(pool),
    poolRevision: revision,
    stage: 'starting',
    since: now,
    createdAt: now,
  });
  try {
    await client.create(VMIS, vmi);
  } catch (error) {
    if (isRefusal(error)) fleet.remove(key);
    throw error;
  }
}

/** The API server answered, and the answer was no: nothing was created. */
function isRefusal(error: unknown): boolean {
  const status = (error as { status?: unknown }).status;
  return typeof status === 'number' && status >= 400 && status < 500;
}
