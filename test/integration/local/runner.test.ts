/** The runner plays KubeVirt: phases, finalizer, interfaces, deletion, and ends that nobody asked for. */
import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { request } from 'undici';
import type { Vmi } from '../../../src/api/kubevirt.ts';
import { VMIS } from '../../../src/api/types.ts';
import { eventually, testLocal, type TestLocal } from '../../support/local.ts';

const started = testLocal({ memoryBytes: 256 * 1024 ** 2 });
const PUBLIC_KEY = 'A'.repeat(43);

/** A VMI of nobody's: the operator does not look at it. */
async function create(t: TestLocal, command: string): Promise<string> {
  const name = `vm-${randomUUID().slice(0, 8)}`;
  const env = `--env=OSV_FAAS_VM_ID=${name} --env=OSV_FAAS_PUBLIC_KEY=${PUBLIC_KEY}`;
  const vmi = {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: { name, namespace: 'default' },
    spec: {
      domain: {
        devices: {},
        memory: { guest: '128Mi' },
        firmware: { kernelBoot: { kernelArgs: `--rootfs=rofs ${env} ${command}` } },
      },
    },
  };
  await t.client.create(VMIS, vmi);
  return name;
}

async function get(t: TestLocal, name: string): Promise<Vmi | undefined> {
  return (await t.vmis()).find(({ metadata }) => metadata.name === name);
}

async function inPhase(t: TestLocal, name: string, phase: string): Promise<Vmi> {
  let vmi: Vmi | undefined;
  await eventually(`${name} ${phase}`, async () => {
    vmi = await get(t, name);
    return vmi?.status?.phase === phase;
  });
  if (vmi === undefined) throw new Error('unreachable');
  return vmi;
}

test('a VMI goes through the phases of KubeVirt and has a guest that answers', async () => {
  const t = started();
  const name = await create(t, '/node /agent/main.js');
  const vmi = await inPhase(t, name, 'Running');
  expect(vmi.metadata.finalizers).toContain('kubevirt.io/foregroundDeleteVirtualMachine');
  expect(vmi.status?.phaseTransitionTimestamps?.map(({ phase }) => phase)).toEqual([
    'Scheduling',
    'Scheduled',
    'Running',
  ]);
  expect(vmi.status?.nodeName).toBe('local');
  expect(vmi.status?.conditions).toEqual([{ type: 'Ready', status: 'True' }]);
  const address = vmi.status?.interfaces?.[0]?.ipAddress ?? '';
  await eventually('the agent answers', async () => {
    const answer = await request(`http://${address}:8080/.osv-faas/state`).catch(() => undefined);
    return ((await answer?.body.json()) as { vmId?: string } | undefined)?.vmId === name;
  });
  await t.client.delete({ resource: VMIS, name, namespace: 'default' });
  await eventually('it is gone', async () => (await get(t, name)) === undefined);
  await expect(request(`http://${address}:8080/`)).rejects.toThrow('ECONNREFUSED');
});

test('a guest that cannot be made says why', async () => {
  const t = started();
  const name = await create(t, '/java.so -jar agent.jar');
  const vmi = await inPhase(t, name, 'Failed');
  expect(vmi.status?.conditions?.[0]?.message).toContain('start /java.so');
  await t.client.delete({ resource: VMIS, name, namespace: 'default' });
});

test('a guest that ends by itself is Failed and stays so', async () => {
  const t = started();
  const name = await create(t, '/node --no-such-flag /agent/main.js');
  const vmi = await inPhase(t, name, 'Failed');
  expect(vmi.status?.conditions?.[0]).toMatchObject({ type: 'Ready', status: 'False' });
  await t.client.delete({ resource: VMIS, name, namespace: 'default' });
  await eventually('it is gone', async () => (await get(t, name)) === undefined);
});

test('a VMI without room waits as on a full node, and starts when there is room', async () => {
  const t = started();
  const names: string[] = [];
  for (let index = 0; index < 3; index += 1) names.push(await create(t, '/node /agent/main.js'));
  await eventually('two run, one waits', async () => {
    const phases = await Promise.all(
      names.map(async (name) => (await get(t, name))?.status?.phase),
    );
    return phases.filter((phase) => phase === 'Running').length === 2 && phases.includes('Pending');
  });
  const pending = (await t.vmis()).find((vmi) => vmi.status?.phase === 'Pending');
  expect(pending?.status?.conditions?.[0]).toMatchObject({
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
  });
  const running = (await t.vmis()).find((vmi) => vmi.status?.phase === 'Running');
  const name = running?.metadata.name ?? '';
  await t.client.delete({ resource: VMIS, name, namespace: 'default' });
  await inPhase(t, pending?.metadata.name ?? '', 'Running');
});
