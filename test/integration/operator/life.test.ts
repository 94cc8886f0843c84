/** A Function's and a pool's life: from zero, scale-in, revisions, image changes, deletion. */
import { describe, expect, test } from '@jest/globals';
import { FINALIZER } from '../../../src/api/group.ts';
import { FUNCTIONS, OSVPOOLS } from '../../../src/api/types.ts';
import {
  eventually,
  sleep,
  testLocal,
  type HttpAnswer,
  type TestLocal,
} from '../../support/local.ts';

/** Room for sixteen VMs of 128 MiB: the rest finds no node. */
const started = testLocal({ memoryBytes: 16 * 128 * 1024 ** 2 });

const pool = { warm: { min: 3 }, maxVms: 30 };
const idle = (afterSeconds: number, more: object = {}): Record<string, unknown> => ({
  scaling: { idle: { afterSeconds }, ...more },
});

/** Calls without a pause until told to stop; answers everything that was no 200. */
function traffic(
  t: TestLocal,
  path: string,
): { stop: () => Promise<{ calls: number; bad: HttpAnswer[]; bodies: Set<string> }> } {
  let over = false;
  let calls = 0;
  const bad: HttpAnswer[] = [];
  const bodies = new Set<string>();
  const one = async (): Promise<void> => {
    while (!over) {
      const answer = await t.call(path);
      calls += 1;
      if (answer.status === 200) bodies.add(answer.body);
      else bad.push(answer);
      await sleep(5);
    }
  };
  const workers = [one(), one(), one()];
  return {
    stop: async () => {
      over = true;
      await Promise.all(workers);
      return { calls, bad, bodies };
    },
  };
}

describe('a pool', () => {
  test('keeps warm.min generic VMs, counts them, and is Ready', async () => {
    const t = started();
    await t.pool(pool);
    await t.warm(3);
    await eventually('status', async () => (await t.getPool()).status?.generic === 3);
    const { status, metadata } = await t.getPool();
    expect(metadata.finalizers).toContain(FINALIZER);
    expect(status).toMatchObject({ replicas: 3, bound: 0, starting: 0, updatedReplicas: 3 });
    expect(status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True');
    // 128 MiB each, and what KubeVirt needs beside it.
    expect(status?.guestMemoryBytes).toBe(3 * 128 * 1024 ** 2);
    expect(status?.nodeMemoryBytes).toBe(3 * 384.25 * 1024 ** 2);
  });

  test('replaces a generic VM that dies', async () => {
    const t = started();
    const [vmi] = await t.vmis();
    if (vmi === undefined) throw new Error('no VMI');
    const { name, namespace } = vmi.metadata;
    await t.client.delete({
      resource: {
        group: 'kubevirt.io',
        version: 'v1',
        plural: 'virtualmachineinstances',
        kind: 'VirtualMachineInstance',
      },
      name,
      namespace,
    });
    await eventually('it is gone', async () => !(await t.vms()).some((vm) => vm.name === name));
    await t.warm(3);
  });

  test('rolls an image change without ever being empty', async () => {
    const t = started();
    const before = new Set((await t.vms()).map((vm) => vm.vmId));
    let least = Infinity;
    const watch = setInterval(() => {
      void t.inStage('generic').then((count) => (least = Math.min(least, count)));
    }, 20);
    await t.pool({
      ...pool,
      image: {
        kernel: { image: 'test/kernel:2' },
        disk: { containerDisk: { image: 'test/disk:2' } },
      },
    });
    await eventually('all are new', async () => {
      const vms = await t.vms();
      const generic = vms.filter((vm) => vm.stage === 'generic' && !before.has(vm.vmId));
      return generic.length === 3 && vms.length === 3;
    });
    clearInterval(watch);
    expect(least).toBeGreaterThanOrEqual(3);
  });

  test('holds and says so when no node has room', async () => {
    const t = started();
    await t.pool({ ...pool, warm: { min: 20, refillPerSecond: 50 } });
    await eventually('Schedulable is False', async () => {
      const condition = (await t.getPool()).status?.conditions?.find(
        ({ type }) => type === 'Schedulable',
      );
      return condition?.status === 'False' && condition.message.includes('Insufficient memory');
    });
    const starting = await t.inStage('starting');
    await sleep(1_500);
    // Those that wait for a node are kept, and no more are added to them.
    expect(await t.inStage('starting')).toBe(starting);
    await t.pool(pool);
    await eventually('back to three', async () => (await t.vms()).length === 3, 60_000);
  }, 90_000);
});

describe('a Function', () => {
  test('is answered from a VM that was generic, labelled afterwards, and is replaced in the pool', async () => {
    const t = started();
    await t.fn('first', { spec: idle(600) });
    await t.ready('first');
    const generic = new Set(
      (await t.vms()).filter((vm) => vm.stage === 'generic').map((vm) => vm.vmId),
    );
    expect((await t.call('/default/first/')).body).toBe('first');
    const bound = (await t.vms()).filter((vm) => vm.binding !== undefined);
    expect(bound).toHaveLength(1);
    expect(generic.has(bound[0]?.vmId ?? '')).toBe(true);
    await eventually('labels', async () =>
      (await t.vmis()).some((vmi) => vmi.metadata.labels?.['faas.osv.io/application'] === 'first'),
    );
    await t.warm(3);
    const fn = await t.getFn('first');
    expect(fn.status).toMatchObject({ application: 'first', url: '/default/first/' });
    await t.reason('first', 'HandlerReady', 'Loaded');
  });

  test('a new revision serves without a failed request, and the old VM goes', async () => {
    const t = started();
    const [old] = (await t.vms()).filter((vm) => vm.stage === 'bound');
    const calls = traffic(t, '/default/first/');
    await sleep(300);
    await t.fn('first', {
      code: `export default { fetch: () => new Response('second') };`,
      spec: idle(600),
    });
    await eventually(
      'the new one answers',
      async () => (await t.call('/default/first/')).body === 'second',
    );
    await eventually(
      'the old VM is gone',
      async () => !(await t.vms()).some((vm) => vm.vmId === old?.vmId),
    );
    const { bad, bodies } = await calls.stop();
    expect(bad).toEqual([]);
    expect([...bodies].sort()).toEqual(['first', 'second']);
  });

  test('a new revision that does not load leaves the old one serving', async () => {
    const t = started();
    const calls = traffic(t, '/default/first/');
    await t.fn('first', { code: 'export default {{{', spec: idle(600) });
    const condition = await t.reason('first', 'HandlerReady', 'SyntaxError');
    expect(condition.message).toContain('the revision before goes on serving');
    await sleep(500);
    const { bad, bodies } = await calls.stop();
    expect(bad).toEqual([]);
    expect([...bodies]).toEqual(['second']);
    await t.fn('first', {
      code: `export default { fetch: () => new Response('third') };`,
      spec: idle(600),
    });
    await eventually('mended', async () => (await t.call('/default/first/')).body === 'third');
  });

  test('two Functions of one application share a VM; another application gets its own', async () => {
    const t = started();
    await t.fn('one', { spec: { application: 'pair', ...idle(600) } });
    await t.fn('two', { spec: { application: 'pair', ...idle(600) } });
    await t.fn('alone', { spec: idle(600) });
    for (const name of ['one', 'two', 'alone']) await t.ready(name);
    for (const name of ['one', 'two', 'alone'])
      expect((await t.call(`/default/${name}/`)).body).toBe(name);
    const owners = (await t.agentStates()).flatMap(({ application }) => application ?? []).sort();
    expect(owners).toEqual([
      'default/alone@default/default',
      'default/first@default/default',
      'default/pair@default/default',
    ]);
    for (const name of ['one', 'two', 'alone']) await t.deleteFn(name);
  });

  test('VMs go when idle, min of them stay', async () => {
    const t = started();
    await t.fn('idler', { spec: idle(1) });
    await t.fn('keeper', { spec: idle(1, { min: 1 }) });
    await t.ready('idler');
    await t.ready('keeper');
    await t.call('/default/idler/');
    const owners = async (): Promise<string[]> =>
      (await t.vms()).flatMap((vm) =>
        vm.stage === 'bound' ? (vm.binding?.application.split('@')[0] ?? '') : [],
      );
    await eventually('the idler has none, the keeper one', async () => {
      const list = await owners();
      return !list.includes('default/idler') && list.includes('default/keeper');
    });
    await sleep(2_000);
    expect(await owners()).toContain('default/keeper');
    expect((await t.call('/default/idler/')).status).toBe(200);
    await t.deleteFn('idler');
    await t.deleteFn('keeper');
  });

  test('never has more VMs than max; what waits is answered in turn', async () => {
    const t = started();
    await t.fn('capped', {
      code: `export default { fetch: () => new Promise((done) => setTimeout(() => done(new Response('ok')), 100)) };`,
      spec: { concurrency: 1, ...idle(600, { max: 2 }) },
    });
    await t.ready('capped');
    const answers = await Promise.all(Array.from({ length: 12 }, () => t.call('/default/capped/')));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 200));
    const bound = (await t.vms()).filter((vm) =>
      vm.binding?.application.startsWith('default/capped'),
    );
    expect(bound).toHaveLength(2);
    await t.deleteFn('capped');
  });
});

test('a Function that goes to another pool: what its VMs are busy with ends well', async () => {
  const t = started();
  await t.pool({ warm: { min: 1 }, maxVms: 5 }, 'other');
  const code = `export default { fetch: () => new Promise((done) => setTimeout(() => done(new Response('whole')), 3_000)) };`;
  await t.fn('mover', { code, spec: idle(600) });
  await t.ready('mover');
  const busy = t.call('/default/mover/');
  await eventually('it runs', async () =>
    (await t.agentStates()).some(({ inFlight }) => inFlight === 1),
  );
  await t.fn('mover', { code, spec: { ...idle(600), poolRef: { name: 'other' } } });
  expect(await busy).toMatchObject({ status: 200, body: 'whole' });
  await eventually('its VMs of the first pool are gone', async () =>
    (await t.vms()).every((vm) => vm.binding?.application !== 'default/mover@default/default'),
  );
  expect((await t.call('/default/mover/')).body).toBe('whole');
  await t.deleteFn('mover');
  await t.client.delete({ resource: OSVPOOLS, name: 'other', namespace: 'default' });
});

describe('deletion', () => {
  test('a Function takes its VMs with it and leaves nothing', async () => {
    const t = started();
    await t.deleteFn('first');
    await eventually('no bound VM', async () =>
      (await t.vms()).every((vm) => vm.binding === undefined),
    );
    await eventually(
      'no Function',
      async () => (await t.client.list(FUNCTIONS)).items.length === 0,
    );
    expect((await t.call('/default/first/')).status).toBe(404);
  });

  test('a pool takes all its VMs with it, bound ones too', async () => {
    const t = started();
    await t.fn('last', { spec: idle(600) });
    await t.ready('last');
    await t.call('/default/last/');
    await t.client.delete({ resource: OSVPOOLS, name: 'default', namespace: 'default' });
    await eventually('no VMI is left', async () => (await t.vmis()).length === 0);
    await eventually(
      'no pool is left',
      async () => (await t.client.list(OSVPOOLS)).items.length === 0,
    );
    await t.reason('last', 'PoolReady', 'PoolNotFound');
    await t.deleteFn('last');
    await eventually(
      'no Function',
      async () => (await t.client.list(FUNCTIONS)).items.length === 0,
    );
  });
});
