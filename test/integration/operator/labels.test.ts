/** Labels that somebody takes from a VMI: the VM is not forgotten, and hinders no deletion. */
import { expect, test } from '@jest/globals';
import { LABELS } from '../../../src/api/group.ts';
import { VMIS } from '../../../src/api/types.ts';
import { eventually, testLocal, type TestLocal } from '../../support/local.ts';

const started = testLocal();

async function labelsOf(t: TestLocal, name: string): Promise<Readonly<Record<string, string>>> {
  const vmi = (await t.vmis()).find(({ metadata }) => metadata.name === name);
  return vmi?.metadata.labels ?? {};
}

async function strip(t: TestLocal, name: string, labels: readonly string[]): Promise<void> {
  const patch = { metadata: { labels: Object.fromEntries(labels.map((label) => [label, null])) } };
  await t.client.patch({ resource: VMIS, name, namespace: 'default' }, patch, { type: 'merge' });
}

async function bound(t: TestLocal): Promise<string> {
  return (await t.vms()).find(({ stage }) => stage === 'bound')?.name ?? '';
}

test.each([
  { why: 'all', fn: 'all', labels: Object.values(LABELS) },
  { why: 'the one that VMIs are watched by', fn: 'watched', labels: [LABELS.managedBy] },
  { why: 'its identity', fn: 'identity', labels: [LABELS.vmId, LABELS.pool] },
])('$why: they come back, the VM serves on, and goes with its Function', async ({ fn, labels }) => {
  const t = started();
  await t.pool({ warm: { min: 1 } });
  await t.fn(fn, { spec: { scaling: { min: 1 } } });
  await t.ready(fn);
  await eventually('bound', async () => (await bound(t)) !== '');
  const name = await bound(t);
  await eventually('labelled', async () => LABELS.state in (await labelsOf(t, name)));
  const before = await labelsOf(t, name);
  await strip(t, name, labels);
  // What is no matter of the operator's stays away.
  const own = Object.entries(before).filter(([label]) => label !== LABELS.runtime);
  await eventually('they are back', async () => {
    const now = await labelsOf(t, name);
    return own.every(([label, value]) => now[label] === value);
  });
  expect((await t.call(`/default/${fn}/`)).status).toBe(200);
  expect(await bound(t)).toBe(name);
  await t.deleteFn(fn);
  await eventually('it is gone', async () => Object.keys(await labelsOf(t, name)).length === 0);
  await eventually('forgotten', async () => !(await t.vms()).some((vm) => vm.name === name));
});

test('one that is deleted without labels is forgotten', async () => {
  const t = started();
  await t.warm(1);
  const name = (await t.vms()).find(({ stage }) => stage === 'generic')?.name ?? '';
  await t.client.delete({ resource: VMIS, name, namespace: 'default' });
  await strip(t, name, Object.values(LABELS)).catch(() => undefined);
  await eventually('forgotten', async () => !(await t.vms()).some((vm) => vm.name === name));
});
