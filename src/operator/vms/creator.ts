import { randomUUID } from 'node:crypto';
import { VMIS, type OsvPool } from '../../api/types.ts';
import { vmName } from '../../domain/names.ts';
import type { NewVmi } from '../../api/kubevirt.ts';
import { buildVmi, type NewVm } from '../../domain/vmi/build.ts';
import { poolRevision } from '../../domain/vmi/revision.ts';
import type { Clock } from '../../runtime/clock.ts';
import { messageOf } from '../../runtime/errors.ts';
import { keyOf, type KubeClient } from '../../runtime/kube.ts';
import type { Fleet } from './fleet.ts';
import { exists } from './seeker.ts';

/** After this a VMI whose creation ended without a clear answer is looked for no longer. */
export const UNSEEN_AFTER_MS = 60_000;
/** By then the informer has shown a VMI whose creation succeeded. */
const SHOWN_MS = 5_000;

export interface CreatorOptions {
  readonly client: KubeClient;
  readonly fleet: Fleet;
  readonly clock: Clock;
  /** base64url of the operator's raw public key. */
  readonly publicKey: string;
  /** Whether the VMI exists is to be asked for after this time, unless the informer has shown it by then. */
  readonly seek: (key: string, afterMs: number) => void;
}

/** A VMI was not created, or nobody knows whether it was. */
export class CreateError extends Error {
  override readonly name = 'CreateError';
  /** The API server said no, rather than failed. */
  readonly refused: boolean;

  constructor(message: string, refused: boolean, options: ErrorOptions) {
    super(message, options);
    this.refused = refused;
  }
}

/**
 * Creates one generic VM. It is in the fleet before the call is made, so that
 * it is counted while on its way (invariant I7), and leaves it when the API
 * server refused. After an unclear end it stays until the API server was asked
 * for it by its name: the VMI may exist.
 * @throws CreateError
 */
export async function createVm(options: CreatorOptions, pool: OsvPool): Promise<void> {
  const { client, fleet, clock, publicKey, seek } = options;
  const { vmId, revision, name, vmi } = newVmi(pool, publicKey);
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
    seek(key, SHOWN_MS);
  } catch (cause) {
    const refused = isRefusal(cause);
    if (refused || (await hasFailed(client, cause, { name, namespace }))) fleet.remove(key);
    else seek(key, 0);
    throw new CreateError(steady(messageOf(cause), name), refused, { cause });
  }
}

function newVmi(pool: OsvPool, publicKey: string): NewVm & { readonly vmi: NewVmi } {
  const vmId = randomUUID();
  const revision = poolRevision(pool.spec);
  const name = vmName(pool.metadata.name, vmId);
  const vm = { name, vmId, publicKey, revision };
  return { ...vm, vmi: buildVmi(pool, vm) };
}

/**
 * Whether KubeVirt would take a VM of the pool; none is made. Undefined where it would, or where what is in the
 * way is no matter of the VM.
 * @throws Error when nobody knows
 */
export async function refusalOf(
  { client, publicKey }: Pick<CreatorOptions, 'client' | 'publicKey'>,
  pool: OsvPool,
): Promise<string | undefined> {
  const { name, vmi } = newVmi(pool, publicKey);
  try {
    await client.dryRun(VMIS, vmi);
    return undefined;
  } catch (error) {
    const { status } = error as { status?: unknown };
    if (status === 400 || status === 422) return steady(messageOf(error), name);
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/** The API server answered, and the answer was no: nothing was created. */
function isRefusal(error: unknown): boolean {
  const status = (error as { status?: unknown }).status;
  // 409: it exists under this name, which is ours; 408 is a server that gave up waiting.
  if (status === 409 || status === 408) return false;
  return typeof status === 'number' && status >= 400 && status < 500;
}

/** The API server's own failure, such as a webhook that it cannot reach, is over when it answers; 504 is not. */
async function hasFailed(
  client: KubeClient,
  error: unknown,
  vmi: { readonly name: string; readonly namespace: string },
): Promise<boolean> {
  const status = (error as { status?: unknown }).status;
  if (typeof status !== 'number' || status < 500 || status === 504) return false;
  return exists(client, vmi).then(
    (there) => !there,
    () => false,
  );
}

/** Without what differs from try to try, so that a condition with these words stays as it is. */
function steady(message: string, name: string): string {
  return message
    .replaceAll(`"${name}" `, '')
    .replaceAll(name, 'the VM')
    .replaceAll(/:\d+->/g, '->');
}
