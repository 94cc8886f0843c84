/**
 * A function that has taken over its agent: whatever it says, and although the operator is killed at
 * the worst moment, it never gets what is another application's.
 */
import { expect, test } from '@jest/globals';
import { VMIS } from '../../../src/api/types.ts';
import type { Vm } from '../../../src/operator/vms/vm.ts';
import { eventually, testLocal, type TestLocal } from '../../support/local.ts';

const started = testLocal();
/** One VM is enough for all that is asked, and stays. */
const KEPT = { scaling: { idle: { afterSeconds: 600 } }, concurrency: 100 };

/** Answers for its agent from its first request on. `says` is what its state is changed to. */
const hostile = (says: string): string => `
import http from 'node:http';
const emit = http.Server.prototype.emit;
http.Server.prototype.emit = function (event, req, res) {
  if (event !== 'request') return emit.apply(this, arguments);
  if (req.url !== '/.osv-faas/state') {
    const { url, headers } = req;
    if (headers['osv-faas-function'] === 'victim') {
      res.end('taken over');
      return true;
    }
    return emit.apply(this, arguments);
  }
  const end = res.end;
  res.writeHead = () => res;
  res.end = (body) => {
    delete res.writeHead;
    return end.call(res, JSON.stringify((${says})(JSON.parse(String(body)))));
  };
  return emit.apply(this, arguments);
};
export default { fetch: () => new Response('attacker') };
`;

const VICTIM = 'default/victim@default/default';

/** `REVISION`: the victim’s. */
const LIES: Readonly<Record<string, string>> = {
  'it is the victim’s': `(truth) => ({ ...truth, application: '${VICTIM}', revision: 'REVISION' })`,
  'it is generic again': `({ version, vmId, uptimeMs }) =>
    ({ version, vmId, uptimeMs, state: 'generic', inFlight: 0, functions: [], warm: true })`,
  'it is the victim’s, with its binding changed': `(truth) => {
    const [payload = '', signature] = (truth.binding ?? '').split('.');
    const claim = JSON.parse(Buffer.from(payload, 'base64url').toString() || '{}');
    const lie = Buffer.from(JSON.stringify({ ...claim, application: '${VICTIM}' })).toString('base64url');
    return { ...truth, application: '${VICTIM}', revision: 'REVISION', binding: lie + '.' + signature };
  }`,
};

async function victimsRevision(t: TestLocal): Promise<string> {
  const bound = (await t.vms()).find((vm) => vm.binding?.application === VICTIM);
  return bound?.binding?.revision ?? '';
}

async function victimAnswers(t: TestLocal): Promise<void> {
  const calls = Array.from({ length: 60 }, () => t.call('/default/victim/'));
  const answers = await Promise.all(calls);
  expect(answers.filter(({ body }) => body === 'taken over' || body === 'attacker')).toEqual([]);
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
}

test.each(Object.entries(LIES))('says that %s, and the operator is killed', async (lie, says) => {
  const t = started();
  await t.pool({ warm: { min: 3, refillPerSecond: 50 }, maxVms: 20 });
  await t.fn('victim', { spec: KEPT });
  await t.ready('victim');
  await victimAnswers(t);
  const attacker = `attacker-${Object.keys(LIES).indexOf(lie)}`;
  const code = hostile(says.replaceAll('REVISION', await victimsRevision(t)));
  await t.fn(attacker, { code, spec: KEPT });
  await t.ready(attacker);
  await t.warm(3);
  await t.connected();
  // Killed before labels follow the bind, and again when all is told.
  for (const round of ['early', 'late']) {
    expect((await t.call(`/default/${attacker}/`)).body).toBe('attacker');
    const taken = (await t.vms()).filter((vm) => vm.binding?.application.includes(`/${attacker}@`));
    if (round === 'late') {
      await eventually('labels', async () =>
        (await t.vmis()).some(
          ({ metadata }) => metadata.labels?.['faas.osv.io/application'] === attacker,
        ),
      );
    }
    await t.local.services.kill('operator');
    await t.local.ready('operator');
    await t.connected();
    await victimAnswers(t);
    // The liar's VM is the liar's still, or gone.
    const after = new Map((await t.vms()).map((vm) => [vm.vmId, vm]));
    for (const { vmId } of taken) {
      const vm = after.get(vmId);
      expect(vm?.stage).not.toBe('generic');
      expect(vm?.binding?.application ?? '').not.toContain('/victim@');
    }
  }
});

const GENERIC_AGAIN = hostile(LIES['it is generic again'] ?? '');

test('says that it is generic, and no label could be written before the operator was killed', async () => {
  const t = started();
  await t.fn('hidden', { code: GENERIC_AGAIN, spec: KEPT });
  await t.ready('hidden');
  await t.warm(2);
  await t.connected();
  const reserved = async (): Promise<readonly string[]> =>
    (await t.getPool()).status?.reserved ?? [];
  const generics = async (): Promise<string[]> =>
    (await t.vms()).filter((vm) => vm.stage === 'generic').map((vm) => vm.name);
  await eventually('one may be bound', async () => {
    const names = await reserved();
    return (await generics()).some((name) => names.includes(name));
  });
  await t.local.controlPlane.killApiServer();
  let taken: readonly Vm[] = [];
  try {
    expect((await t.call('/default/hidden/')).body).toBe('attacker');
    taken = (await t.vms()).filter((vm) => vm.binding?.application.includes('/hidden@'));
    await t.local.services.kill('operator');
  } finally {
    await t.local.controlPlane.startApiServer();
  }
  await t.local.ready('operator');
  expect(taken).toHaveLength(1);
  await eventually('the liar is gone', async () =>
    (await t.vmis()).every(({ metadata }) => metadata.name !== taken[0]?.name),
  );
  await t.connected();
  await victimAnswers(t);
});

test('whatever guests say, a gateway that recovers alone gives them nothing of others', async () => {
  const t = started();
  const revision = await victimsRevision(t);
  for (const [index, says] of Object.values(LIES).entries()) {
    const name = `alone-${index}`;
    await t.fn(name, { code: hostile(says.replaceAll('REVISION', revision)), spec: KEPT });
    await t.ready(name);
    expect((await t.call(`/default/${name}/`)).body).toBe('attacker');
  }
  await eventually('labels', async () => {
    const names = (await t.vmis()).map(
      ({ metadata }) => metadata.labels?.['faas.osv.io/application'] ?? '',
    );
    return ['victim', 'alone-0', 'alone-1', 'alone-2'].every((name) => names.includes(name));
  });
  await t.local.services.kill('operator', true);
  try {
    await t.local.services.kill('gateway');
    await t.local.ready('gateway');
    await eventually('served again', async () => {
      return (await t.call('/default/victim/')).status === 200;
    });
    await victimAnswers(t);
  } finally {
    t.local.services.start('operator');
    await t.local.ready('operator');
  }
});

test('a restart of a quiet operator keeps the pool; a kill costs it two VMs at most', async () => {
  const t = started();
  await t.pool({ warm: { min: 6, refillPerSecond: 50 }, maxVms: 20 }, 'quiet');
  const generic = async (): Promise<string[]> =>
    (await t.vms())
      .filter((vm) => vm.pool === 'default/quiet' && vm.stage === 'generic')
      .map((vm) => vm.name);
  await eventually('six wait', async () => (await generic()).length === 6);
  await eventually('two are reserved', async () => {
    return (await t.getPool('quiet')).status?.reserved?.length === 2;
  });
  const before = await generic();
  await t.local.services.kill('operator');
  await t.local.ready('operator');
  await eventually('six wait again', async () => (await generic()).length === 6);
  const kept = (await generic()).filter((name) => before.includes(name));
  expect(kept).toHaveLength(4);
  const vmis = (await t.client.list(VMIS)).items.map(({ metadata }) => metadata.name);
  for (const name of kept) expect(vmis).toContain(name);
});
