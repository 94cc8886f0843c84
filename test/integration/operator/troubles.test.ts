/** Why VMs do not come, or are lost: in conditions and in Events, on the pool and on Functions. */
import { expect, test } from '@jest/globals';
import type { Condition } from '../../../src/api/conditions.ts';
import { VMIS } from '../../../src/api/types.ts';
import type { Manners } from '../../../src/local/runner/manners.ts';
import { installValidator } from '../../support/kubevirt.ts';
import { eventually, sleep, testLocal, type TestLocal } from '../../support/local.ts';

const EVENTS = { group: 'events.k8s.io', version: 'v1', plural: 'events', kind: 'Event' };

interface Event {
  readonly reason: string;
  readonly type: string;
  readonly note: string;
  readonly regarding: { readonly kind: string; readonly name: string };
  readonly series?: { readonly count: number };
}

const manners: Manners = {};
const started = testLocal({ manners });

async function condition(t: TestLocal, type: string): Promise<Condition | undefined> {
  const { status } = await t.getPool();
  return status?.conditions?.find((one) => one.type === type);
}

async function events(t: TestLocal, kind: string, reason: string): Promise<readonly Event[]> {
  const { items } = await t.client.list(EVENTS, { namespace: 'default' });
  return (items as unknown as Event[]).filter(
    (event) => event.regarding.kind === kind && event.reason === reason,
  );
}

/** An Event with this text in its note. */
async function told(t: TestLocal, kind: string, reason: string, about = ''): Promise<Event> {
  let found: readonly Event[] = [];
  await eventually(`${kind} ${reason}`, async () => {
    found = (await events(t, kind, reason)).filter(({ note }) => note.includes(about));
    return found.length > 0;
  });
  const [first] = found;
  if (first === undefined) throw new Error('unreachable');
  return first;
}

test('an image that cannot be pulled: KubeVirt’s words, until it can', async () => {
  const t = started();
  const message = 'Back-off pulling image "registry.example/osv:1"';
  manners.startProblem = { reason: 'ImagePullBackOff', message };
  await t.pool({ warm: { min: 2 } });
  await eventually('the pool says so', async () => {
    const [health, progress] = [
      await condition(t, 'VmsHealthy'),
      await condition(t, 'Progressing'),
    ];
    return health?.reason === 'StartFailing' && progress?.reason === 'StartFailing';
  });
  expect(await condition(t, 'VmsHealthy')).toMatchObject({
    status: 'False',
    reason: 'StartFailing',
    message: `KubeVirt does not start VMs: ImagePullBackOff: ${message}`,
  });
  expect(await told(t, 'OsvPool', 'StartFailing')).toMatchObject({ type: 'Warning' });
  await t.fn('held', { spec: { scaling: { min: 1 } } });
  const held = await t.reason('held', 'Scaling', 'WaitingForPool');
  expect(held.message).toContain('OsvPool default/default says StartFailing');
  await t.deleteFn('held');
  // VMs that are given up and tried again in between change nothing of that.
  await t.pool({ warm: { min: 2, readyTimeoutSeconds: 5 } });
  await told(t, 'OsvPool', 'VmNotStarted');
  const reasons = new Set<string | undefined>();
  for (let n = 0; n < 40; n += 1) {
    reasons.add((await condition(t, 'VmsHealthy'))?.reason);
    await sleep(100);
  }
  expect([...reasons]).toEqual(['StartFailing']);
  expect(await events(t, 'OsvPool', 'StartFailing')).toHaveLength(1);
  manners.startProblem = undefined;
  await t.pool({ warm: { min: 2 } });
  await t.warm(2);
  await eventually('healthy', async () => (await condition(t, 'VmsHealthy'))?.status === 'True');
});

test('a Function tells of its VMs: they came, and one was lost', async () => {
  const t = started();
  await t.fn('told', { spec: { scaling: { min: 1 } } });
  await t.ready('told');
  expect(await told(t, 'Function', 'Available')).toMatchObject({ type: 'Normal' });
  expect(await told(t, 'Function', 'Scaled')).toMatchObject({ note: 'from 0 to 1 VMs' });
  const { name = '' } = (await t.vms()).find(({ stage }) => stage === 'bound') ?? {};
  await t.client.delete({ resource: VMIS, name, namespace: 'default' });
  const note = 'its VMI was deleted by somebody else';
  expect(await told(t, 'Function', 'VmLost')).toMatchObject({ type: 'Warning', note });
  expect(await told(t, 'OsvPool', 'VmLost')).toMatchObject({ note });
  await t.deleteFn('told');
});

test('guests that their memory does not hold: the pool says so, with the last words of one', async () => {
  const t = started();
  await t.pool({ warm: { min: 1 }, machine: { memory: '20Mi' } });
  await eventually(
    'too small',
    async () => (await condition(t, 'VmsHealthy'))?.reason === 'GuestOutOfMemory',
  );
  expect((await condition(t, 'VmsHealthy'))?.message).toMatch(/out of memory: \d+ MiB of 20/);
  expect(await told(t, 'OsvPool', 'VmNotStarted', 'out of memory')).toMatchObject({
    type: 'Warning',
  });
  await t.pool({ warm: { min: 1 }, machine: { memory: '128Mi' } });
  await eventually(
    'healthy',
    async () => (await condition(t, 'VmsHealthy'))?.status === 'True',
    60_000,
  );
});

test('a VM that a bind kills for want of memory: the pool says so, without what was in it', async () => {
  const t = started();
  await t.warm(1);
  const code = 'const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1));';
  await t.fn('glutton', { code, spec: { scaling: { min: 1 } } });
  expect(await told(t, 'Function', 'BindFailed')).toMatchObject({ type: 'Warning' });
  await eventually(
    'too small',
    async () => (await condition(t, 'VmsHealthy'))?.reason === 'GuestOutOfMemory',
  );
  const message = 'a VM that was up ran out of its 128Mi of memory';
  expect(await condition(t, 'VmsHealthy')).toMatchObject({ message });
  expect(await told(t, 'OsvPool', 'VmLost', 'bind')).toMatchObject({
    note: 'it was lost to a bind',
  });
  expect(await told(t, 'Function', 'VmLost', 'out of memory')).toMatchObject({ type: 'Warning' });
  await t.deleteFn('glutton');
});

test('a pool that keeps no VMs, and that KubeVirt would refuse: its words', async () => {
  const t = started();
  const message = 'spec.domain.cpu.cores: more than a node has';
  await installValidator(t.client, 'object.spec.domain.cpu.cores < 8', message);
  let tries = 0;
  await eventually('in force', async () => {
    // Each pool is asked about when it is new, or another.
    await t.pool({
      warm: { min: 0 },
      machine: { cpu: { cores: 8 }, memory: `${128 + (tries += 1)}Mi` },
    });
    await sleep(500);
    return (await condition(t, 'VmsHealthy'))?.reason === 'VmiRefused';
  });
  expect((await condition(t, 'VmsHealthy'))?.message).toContain(message);
  expect(await told(t, 'OsvPool', 'VmiRefused')).toMatchObject({ type: 'Warning' });
  await t.pool({ warm: { min: 0 }, machine: { cpu: { cores: 1 } } });
  await eventually(
    'no longer',
    async () => (await condition(t, 'VmsHealthy'))?.reason !== 'VmiRefused',
  );
});
