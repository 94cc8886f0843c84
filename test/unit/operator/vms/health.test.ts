import { beforeEach, expect, test } from '@jest/globals';
import type { AgentClient } from '../../../../src/operator/agents/client.ts';
import { ApplicationRegistry } from '../../../../src/operator/applications/registry.ts';
import { UsageBook } from '../../../../src/operator/usage/book.ts';
import { Fleet } from '../../../../src/operator/vms/fleet.ts';
import { Health } from '../../../../src/operator/vms/health.ts';
import { silentLogger } from '../../../../src/runtime/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { random } from '../../support/random.ts';
import { aVm } from '../../support/vms.ts';

const VMS = 200;

let clock: FakeClock;
let fleet: Fleet;
let stop: AbortController;
let running: Promise<void>;
/** When each VM was asked. */
let asked: Map<string, number[]>;
let answers: boolean;

beforeEach(() => {
  clock = new FakeClock(0);
  fleet = new Fleet(clock);
  stop = new AbortController();
  asked = new Map();
  answers = true;
  const agents = {
    state: ({ vmId }: { vmId: string }) => {
      asked.set(vmId, [...(asked.get(vmId) ?? []), clock.now()]);
      return answers ? Promise.resolve({}) : Promise.reject(new Error('silence'));
    },
  } as unknown as AgentClient;
  const options = {
    fleet,
    agents,
    usage: new UsageBook(0, () => true),
    registry: new ApplicationRegistry(),
    clock,
    log: silentLogger,
  };
  const seeded = random(7);
  const health = new Health(options, () => seeded.next());
  running = health.run(stop.signal);
});

function up(count: number): void {
  for (let n = 0; n < count; n += 1) {
    const vm = aVm({ key: `pools/${n}`, name: `${n}`, vmId: `${n}`, address: '10.0.0.1:8080' });
    fleet.put(vm);
    fleet.move(vm.key, ['starting'], 'generic');
  }
}

test('VMs that came together are asked one after the other, each about every ten seconds', async () => {
  up(VMS);
  await clock.advance(60_000);
  for (const times of asked.values()) {
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(times[0]).toBeLessThan(10_000);
    for (const pause of pauses) expect(Math.abs(pause - 10_000)).toBeLessThanOrEqual(1_000);
  }
  expect(asked.size).toBe(VMS);
  const seconds = new Map<number, number>();
  for (const time of [...asked.values()].flat()) {
    const second = Math.floor(time / 1_000);
    seconds.set(second, (seconds.get(second) ?? 0) + 1);
  }
  // Twenty on average.
  expect(Math.max(...seconds.values())).toBeLessThan(45);
});

test('one that does not answer three times is given up', async () => {
  answers = false;
  up(1);
  await clock.advance(20_000);
  expect(fleet.get('pools/0')?.stage).toBe('generic');
  await clock.advance(15_000);
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
