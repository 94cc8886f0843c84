/** Ready means that requests are answered: not before every gateway knows the Function. */
import { afterEach, expect, test } from '@jest/globals';
import { sleep, testLocal } from '../../support/local.ts';

const started = testLocal();
let halted: number | undefined;

/** The gateway's process stands still, its connections stay: as on a machine with too much to do. */
function halt(): void {
  halted = started().local.services.pidOf('gateway');
  if (halted === undefined) throw new Error('the gateway does not run');
  process.kill(halted, 'SIGSTOP');
}

function goOn(): void {
  if (halted !== undefined) process.kill(halted, 'SIGCONT');
  halted = undefined;
}

afterEach(goOn);

test('a gateway that is behind keeps a Function from Ready, and the first request after it is answered', async () => {
  const t = started();
  await t.pool({ warm: { min: 1 } });
  await t.warm(1);
  await t.connected();
  halt();
  await t.fn('late');
  const routed = await t.reason('late', 'Routed', 'GatewaysBehind');
  expect(routed).toMatchObject({
    status: 'Unknown',
    message: '1 of 1 gateways do not know it as it is now: local',
  });
  // Whoever would say Ready too early does so within the pause of status writes.
  await sleep(1_000);
  expect(await t.condition('late', 'Ready')).toMatchObject({
    status: 'Unknown',
    reason: 'GatewaysBehind',
  });
  goOn();
  await t.ready('late');
  expect((await t.call('/default/late/')).body).toBe('late');
});

test('one that is gone is not waited for; without any nothing is Ready', async () => {
  const t = started();
  await t.fn('before');
  await t.ready('before');
  await t.local.services.kill('gateway', true);
  await t.fn('between');
  await t.reason('between', 'Routed', 'NoGateway');
  expect(await t.condition('between', 'Ready')).toMatchObject({ status: 'Unknown' });
  // What was Ready stays so: its routes are not news to a gateway that comes.
  expect(await t.condition('before', 'Ready')).toMatchObject({ status: 'True' });
  t.local.services.start('gateway');
  await t.ready('between');
  await t.local.ready('gateway');
  expect((await t.call('/default/between/')).body).toBe('between');
});

test('a change is Ready when the gateways have it', async () => {
  const t = started();
  await t.fn('moved');
  await t.ready('moved');
  halt();
  await t.fn('moved', { spec: { http: { path: '/new' } } });
  const routed = await t.reason('moved', 'Routed', 'GatewaysBehind');
  expect(routed.observedGeneration).toBe(2);
  goOn();
  await t.ready('moved');
  expect((await t.call('/new')).body).toBe('moved');
});

test('an operator that is killed meanwhile takes it up; what was Ready is not touched', async () => {
  const t = started();
  await t.fn('steady');
  await t.ready('steady');
  const steady = await t.condition('steady', 'Ready');
  halt();
  await t.fn('held');
  await t.reason('held', 'Routed', 'GatewaysBehind');
  await t.local.services.kill('operator');
  await t.local.ready('operator');
  expect(await t.condition('held', 'Ready')).toMatchObject({ status: 'Unknown' });
  goOn();
  await t.ready('held');
  expect((await t.call('/default/held/')).body).toBe('held');
  expect(await t.condition('steady', 'Ready')).toEqual(steady);
});

test('an API server that is killed meanwhile: what was said in between is written when it is back', async () => {
  const t = started();
  await t.fn('written');
  await t.ready('written');
  halt();
  await t.fn('unwritten');
  await t.reason('unwritten', 'Routed', 'GatewaysBehind');
  // Without an API server no VM can be started; the tests before took the warm one.
  await t.warm(1);
  await t.local.controlPlane.killApiServer();
  goOn();
  expect((await t.call('/default/written/')).body).toBe('written');
  await t.local.controlPlane.startApiServer();
  await t.ready('unwritten');
  expect((await t.call('/default/unwritten/')).body).toBe('unwritten');
});
