/** Parts that die: no request fails that need not, no VM is bound twice, everything catches up. */
import { describe, expect, test } from '@jest/globals';
import { LABELS } from '../../../src/api/group.ts';
import { FUNCTIONS, OSVPOOLS, VMIS } from '../../../src/api/types.ts';
import {
  eventually,
  sleep,
  testLocal,
  type HttpAnswer,
  type TestLocal,
} from '../../support/local.ts';

const started = testLocal();
const kept = { scaling: { idle: { afterSeconds: 600 } } };
const waiting = `export default { fetch: () => new Promise((done) => setTimeout(() => done(new Response('ok')), 100)) };`;

const notOk = (answers: readonly HttpAnswer[]): HttpAnswer[] =>
  answers.filter((answer) => answer.status !== 200);

/** Applications as the agents name them, by VM. */
async function owners(t: TestLocal): Promise<Map<string, string>> {
  const states = await t.agentStates();
  return new Map(
    states.flatMap(({ vmId, application }) =>
      application === undefined ? [] : [[vmId, application]],
    ),
  );
}

describe('the operator is killed in the middle of a burst', () => {
  test('no request fails, no VM is bound twice, labels follow the agents', async () => {
    const t = started();
    await t.pool({ warm: { min: 8, refillPerSecond: 50 }, maxVms: 24 });
    for (const name of ['left', 'right'])
      await t.fn(name, { code: waiting, spec: { concurrency: 20, ...kept } });
    for (const name of ['left', 'right']) await t.ready(name);
    await t.warm(8);
    const burst = ['left', 'right'].flatMap((name) =>
      Array.from({ length: 100 }, () => t.call(`/default/${name}/`)),
    );
    await sleep(60);
    const during = owners(t);
    await t.local.services.kill('operator');
    const answers = await Promise.all(burst);
    expect(notOk(answers)).toEqual([]);
    await t.local.ready('operator');
    const after = await owners(t);
    // A VM that had an owner before the crash has the same one, or is gone.
    for (const [vmId, owner] of await during) expect(after.get(vmId) ?? owner).toBe(owner);
    await eventually('labels say what the agents say', async () => {
      const truth = await owners(t);
      const vmis = await t.vmis();
      return vmis.every(({ metadata: { labels = {} } }) => {
        const owner = truth.get(labels[LABELS.vmId] ?? '');
        return (
          owner === undefined || owner.startsWith(`default/${labels[LABELS.application] ?? ''}@`)
        );
      });
    });
    expect(
      notOk(await Promise.all(['left', 'right'].map((name) => t.call(`/default/${name}/`)))),
    ).toEqual([]);
  });

  test('a VM whose binding cannot be accounted for is deleted', async () => {
    const t = started();
    await t.warm(1);
    const vm = (await t.vms()).find(({ stage }) => stage === 'generic');
    if (vm === undefined) throw new Error('no generic VM');
    const ref = { resource: VMIS, name: vm.name, namespace: vm.namespace };
    // As if it had been bound, and something had started it anew.
    const labels = {
      [LABELS.state]: 'bound',
      [LABELS.application]: 'left',
      [LABELS.applicationNamespace]: 'default',
    };
    await t.client.patch(ref, { metadata: { labels } }, { type: 'merge' });
    await t.local.services.kill('operator');
    await t.local.ready('operator');
    await eventually(
      'it is gone',
      async () => !(await t.vmis()).some(({ metadata }) => metadata.name === vm.name),
    );
  });
});

describe('the API server is killed', () => {
  test('warm traffic does not notice, a cold request is bound, afterwards all catch up', async () => {
    const t = started();
    await t.fn('cold', { spec: kept });
    await t.ready('cold');
    await t.warm(1);
    // A gateway's token is reviewed by the API server, once for each connection.
    await t.connected();
    await t.local.controlPlane.killApiServer();
    let answers: HttpAnswer[] = [];
    try {
      for (let round = 0; round < 20; round += 1) {
        answers = [
          ...answers,
          ...(await Promise.all([t.call('/default/left/'), t.call('/default/right/')])),
        ];
        await sleep(50);
      }
      answers.push(await t.call('/default/cold/'));
    } finally {
      await t.local.controlPlane.startApiServer();
    }
    expect(notOk(answers)).toEqual([]);
    await eventually('the label of what was bound meanwhile', async () =>
      (await t.vmis()).some(({ metadata }) => metadata.labels?.[LABELS.application] === 'cold'),
    );
    await t.fn('after', { spec: kept });
    await t.ready('after');
    // The gateway's watch comes back in a time of its own: Ready waits for it.
    expect((await t.call('/default/after/')).body).toBe('after');
  });
});

describe('a gateway dies', () => {
  test('a new one serves what is bound, from the agents, while the operator is away', async () => {
    const t = started();
    // Written behind the bind: what is lost with operator and gateway at once is found by the operator only.
    await eventually('its label', async () =>
      (await t.vmis()).some(({ metadata }) => metadata.labels?.[LABELS.application] === 'after'),
    );
    await t.local.services.kill('operator', true);
    await t.local.services.kill('gateway');
    await t.local.ready('gateway');
    await eventually(
      'served again',
      async () => (await t.call('/default/after/')).body === 'after',
    );
    t.local.services.start('operator');
    await t.local.ready('operator');
    await t.fn('newest', { spec: kept });
    await t.ready('newest');
    expect((await t.call('/default/newest/')).body).toBe('newest');
  });
});

test('after everything was deleted nothing is left', async () => {
  const t = started();
  for (const fn of (await t.client.list(FUNCTIONS)).items) await t.deleteFn(fn.metadata.name ?? '');
  await t.client.delete({ resource: OSVPOOLS, name: 'default', namespace: 'default' });
  await eventually('nothing', async () => {
    const lists = await Promise.all(
      [FUNCTIONS, OSVPOOLS, VMIS].map((resource) => t.client.list(resource)),
    );
    return lists.every(({ items }) => items.length === 0);
  });
});
