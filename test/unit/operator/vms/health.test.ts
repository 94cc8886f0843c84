import { beforeEach, expect, test } from '@jest/globals';
import type { AgentClient } from '../../../../src/operator/agents/client.ts';
import type { ApplicationRegistry } from '../../../../src/operator/applications/registry.ts';
import { UsageBook } from '../../../../src/operator/usage/book.ts';
import { Fleet } from '../../../../src/operator/vms/fleet.ts';
import { Health } from '../../../../src/operator/vms/health.ts';
import { silentLogger } from '../../../../src/runtime/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { random } from '../../support/random.ts';
import { aBinding, aReading, aVm } from '../../support/vms.ts';

const VMS = 200;

let clock: FakeClock;
let fleet: Fleet;
let stop: AbortController;
let running: Promise<void>;
/** When each VM was asked. */
let asked: Map<string, number[]>;
let answers: boolean;
/** Of the one VM that is bound: one more with every look, unless it is idle. */
let invocations: number;
let idle: boolean;
let usage: UsageBook;
let health: Health;
/** Of the application's functions; milliseconds. */
let longest: number;

beforeEach(() => {
  clock = new FakeClock(0);
  fleet = new Fleet(clock);
  stop = new AbortController();
  asked = new Map();
  answers = true;
  invocations = 0;
  idle = false;
  longest = 1_000;
  usage = new UsageBook(0, () => true);
  const agents = {
    state: ({ vmId }: { vmId: string }) => {
      asked.set(vmId, [...(asked.get(vmId) ?? []), clock.now()]);
      const state = { inFlight: 0 };
      return answers ? Promise.resolve(state) : Promise.reject(new Error('silence'));
    },
    meter: ({ vmId }: { vmId: string }) => {
      if (!idle) invocations += 1;
      const meter = { name: 'cart', invocations, errors: 0, cpuMs: 0, wallMs: 0 };
      return Promise.resolve(aReading(vmId, { uptimeMs: clock.now(), functions: [meter] }));
    },
  } as unknown as AgentClient;
  const options = {
    fleet,
    agents,
    usage,
    registry: {
      get: () => ({
        members: new Map([['shop/fn', { resolved: { timeoutMs: longest } }]]),
        bundle: { redact: String },
      }),
    } as unknown as ApplicationRegistry,
    clock,
    log: silentLogger,
  };
  const seeded = random(7);
  health = new Health(options, () => seeded.next());
  running = health.run(stop.signal);
});

function up(count: number): void {
  for (let n = 0; n < count; n += 1) {
    const vm = aVm({ key: `pools/${n}`, name: `${n}`, vmId: `${n}`, address: '10.0.0.1:8080' });
    fleet.put(vm);
    fleet.move(vm.key, ['starting'], 'generic');
  }
}

/** Between two looks at the same VM. */
function pausesOf(vmId: string): number[] {
  const times = asked.get(vmId) ?? [];
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

test('VMs that came together are asked one after the other, each about every thirty seconds', async () => {
  up(VMS);
  await clock.advance(180_000);
  for (const [vmId, times] of asked) {
    expect(times[0]).toBeLessThan(30_000);
    for (const pause of pausesOf(vmId)) expect(Math.abs(pause - 30_000)).toBeLessThanOrEqual(3_000);
  }
  expect(asked.size).toBe(VMS);
  const seconds = new Map<number, number>();
  for (const time of [...asked.values()].flat()) {
    const second = Math.floor(time / 1_000);
    seconds.set(second, (seconds.get(second) ?? 0) + 1);
  }
  // Seven on average.
  expect(Math.max(...seconds.values())).toBeLessThan(25);
});

test('a bound one is read: every ten seconds while it is used, then every thirty', async () => {
  up(1);
  fleet.move('pools/0', ['generic'], 'bound', { binding: aBinding() });
  await clock.advance(100_000);
  for (const pause of pausesOf('0').slice(1)) {
    expect(Math.abs(pause - 10_000)).toBeLessThanOrEqual(1_000);
  }
  idle = true;
  await clock.advance(20_000);
  asked.clear();
  await clock.advance(100_000);
  for (const pause of pausesOf('0')) expect(Math.abs(pause - 30_000)).toBeLessThanOrEqual(3_000);
  expect(usage.report()[0]?.functions[0]?.invocations).toBe(invocations);
});

test('one that does not answer is asked every second, and given up after ten of silence', async () => {
  answers = false;
  up(1);
  await clock.advance(30_000);
  const [first = 0] = asked.get('0') ?? [];
  expect(fleet.get('pools/0')?.stage).toBe(clock.now() - first < 10_000 ? 'generic' : 'deleting');
  await clock.advance(15_000);
  expect(fleet.get('pools/0')).toMatchObject({ stage: 'deleting', reason: 'NoAnswer' });
  for (const pause of pausesOf('0')) expect(Math.abs(pause - 1_000)).toBeLessThanOrEqual(100);
  expect(asked.get('0')?.length).toBeGreaterThanOrEqual(10);
});

test('a bound one is no capacity from the first silence on, until it answers', async () => {
  up(1);
  fleet.move('pools/0', ['generic'], 'bound', { binding: aBinding() });
  answers = false;
  const doubt = health.doubt('pools/0');
  await clock.advance(150);
  await doubt;
  expect(fleet.get('pools/0')).toMatchObject({ stage: 'bound', suspect: true });
  answers = true;
  await clock.advance(2_000);
  expect(fleet.get('pools/0')).toMatchObject({ stage: 'bound', suspect: false });
});

test('a suspicion of one that answers is not believed', async () => {
  up(1);
  fleet.move('pools/0', ['generic'], 'bound', { binding: aBinding() });
  const seen: unknown[] = [];
  fleet.on((vm) => seen.push(vm?.suspect));
  const doubt = health.doubt('pools/0');
  await clock.advance(150);
  await doubt;
  expect(seen).toEqual([]);
});

test('one whose functions may compute for long is given that time', async () => {
  longest = 40_000;
  up(1);
  fleet.move('pools/0', ['generic'], 'bound', { binding: aBinding() });
  answers = false;
  const doubt = health.doubt('pools/0');
  await clock.advance(40_000);
  await doubt;
  expect(fleet.get('pools/0')?.stage).toBe('bound');
  await clock.advance(7_000);
  expect(fleet.get('pools/0')).toMatchObject({ stage: 'deleting', reason: 'NoAnswer' });
});

test('nothing is left of a VM that is gone, nor after the end', async () => {
  up(3);
  fleet.remove('pools/1');
  expect(clock.pending).toBe(2);
  stop.abort();
  await running;
  expect(clock.pending).toBe(0);
  up(1);
  expect(clock.pending).toBe(0);
});
