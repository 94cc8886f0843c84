import { describe, expect, test } from '@jest/globals';
import { judge } from '../../../../src/domain/dispatch/failure.ts';
import { Dispatcher } from '../../../../src/gateway/capacity/dispatcher.ts';
import { Vm } from '../../../../src/gateway/capacity/vm.ts';
import type { OperatorRefusal, Slot, Waiter } from '../../../../src/gateway/capacity/waiter.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

/** No request of any client: whatever needs a slot. */
class Job implements Waiter {
  next: Waiter | undefined = undefined;
  previous: Waiter | undefined = undefined;
  queued = false;
  readonly arrivedAt: number;
  readonly heldBytes = 100;
  slot: Slot | undefined = undefined;
  refusal: OperatorRefusal | undefined = undefined;
  readonly functionName: string;

  constructor(arrivedAt: number, functionName = 'fn') {
    this.arrivedAt = arrivedAt;
    this.functionName = functionName;
  }

  onSlot(slot: Slot): void {
    this.slot = slot;
  }

  onRefused(why: OperatorRefusal): void {
    this.refusal = why;
  }
}

function setUp(): {
  clock: FakeClock;
  dispatcher: Dispatcher;
  heard: string[];
  vm: Vm;
} {
  const clock = new FakeClock();
  const heard: string[] = [];
  const dispatcher = new Dispatcher({
    clock,
    bounds: { count: 3, bytes: 10_000 },
    waits: ({ id }) => heard.push(`waits ${id}`),
    suspect: (vm, reason) => heard.push(`suspect ${vm.vmId} ${reason}`),
    doubt: (vm) => heard.push(`doubt ${vm.vmId}`),
    released: (vm) => heard.push(`released ${vm.vmId}`),
  });
  const endpoint = { vmId: 'vm-1', address: '127.0.0.1:1', slots: 1, boundAt: 0 };
  return { clock, dispatcher, heard, vm: new Vm(endpoint, 'app', 'token') };
}

describe('the dispatcher serves whoever waits', () => {
  test('in the order of arrival, one a slot, also who comes back', () => {
    const { dispatcher, heard, vm } = setUp();
    const app = dispatcher.application('app');
    const [first, second, third] = [new Job(1), new Job(2), new Job(3)];
    for (const job of [first, second]) expect(dispatcher.submit(job, app)).toBeUndefined();
    expect(heard).toEqual(['waits app', 'waits app']);
    dispatcher.add(app, vm);
    expect([first, second].map(({ slot }) => slot?.vm.vmId)).toEqual(['vm-1', undefined]);
    dispatcher.submit(third, app);
    dispatcher.restore(new Job(0), app);
    expect(app.queue.first?.arrivedAt).toBe(0);
    expect(app.queue.length).toBe(3);
  });

  test('a slot is given back once, however often its holder says so', () => {
    const { dispatcher, vm } = setUp();
    const app = dispatcher.application('app');
    const jobs = [new Job(1), new Job(2), new Job(3)];
    dispatcher.add(app, vm);
    for (const job of jobs) dispatcher.submit(job, app);
    jobs[0]?.slot?.release(10);
    jobs[0]?.slot?.release(10);
    expect(jobs.map(({ slot }) => slot !== undefined)).toEqual([true, true, false]);
    expect([vm.inFlight, app.inFlight, app.serviceMs]).toEqual([1, 1, 10]);
  });

  test('a failed attempt lets the VM rest and tells the operator', async () => {
    const { clock, dispatcher, heard, vm } = setUp();
    const app = dispatcher.application('app');
    const [first, second] = [new Job(1), new Job(2)];
    dispatcher.add(app, vm);
    for (const job of [first, second]) dispatcher.submit(job, app);
    heard.length = 0;
    first.slot?.judged(judge({ kind: 'lost', detail: 'ECONNRESET' }));
    first.slot?.release(undefined);
    expect(heard).toEqual(['suspect vm-1 ConnectionLost']);
    expect(second.slot).toBeUndefined();
    await clock.advance(100);
    expect(second.slot?.vm).toBe(vm);
  });

  test.each([
    ['two failures in a row', ['lost', 'lost']],
    ['one that is silent', ['silent']],
  ] as const)('after %s a VM gets nothing until it has answered', async (_why, kinds) => {
    const { clock, dispatcher, heard, vm } = setUp();
    const app = dispatcher.application('app');
    dispatcher.add(app, vm);
    for (const kind of kinds) {
      const job = new Job(1);
      dispatcher.submit(job, app);
      await clock.advance(100);
      job.slot?.judged(judge({ kind, detail: '', total: true }));
      job.slot?.release(undefined);
    }
    const waiting = new Job(2);
    dispatcher.submit(waiting, app);
    await clock.advance(60_000);
    expect(heard.filter((word) => word.startsWith('doubt'))).toEqual(['doubt vm-1']);
    expect(waiting.slot).toBeUndefined();
    dispatcher.answered(vm);
    expect(waiting.slot?.vm).toBe(vm);
    expect(vm.strikes).toBe(0);
  });

  test('a refusal of the operator empties the queue, and its bytes', () => {
    const { dispatcher } = setUp();
    const app = dispatcher.application('app');
    const jobs = [new Job(1), new Job(2)];
    for (const job of jobs) dispatcher.submit(job, app);
    expect(dispatcher.queuedBytes).toBe(200);
    const why = { reason: 'PoolNotFound', detail: 'd' };
    dispatcher.refuse(app, why);
    expect(jobs.map(({ refusal }) => refusal)).toEqual([why, why]);
    expect([app.queue.length, app.queuedBytes, dispatcher.queuedBytes]).toEqual([0, 0, 0]);
  });

  test('a VM is asked for what it was bound with: others wait, and hold nobody up', () => {
    const { dispatcher } = setUp();
    const app = dispatcher.application('app');
    const endpoint = { vmId: 'old', address: '127.0.0.1:1', slots: 2, boundAt: 0 };
    dispatcher.add(app, new Vm({ ...endpoint, functions: ['fn'] }, 'app', 'token'));
    const [joined, served] = [new Job(1, 'joined'), new Job(2)];
    for (const job of [joined, served]) dispatcher.submit(job, app);
    expect([joined, served].map(({ slot }) => slot?.vm.vmId)).toEqual([undefined, 'old']);
    expect(app.demand(3).functions).toEqual([{ function: 'joined', waiting: 1 }]);
    const functions = ['fn', 'joined'];
    dispatcher.add(app, new Vm({ ...endpoint, vmId: 'new', functions }, 'app', 'token'));
    expect(joined.slot?.vm.vmId).toBe('new');
  });

  test('a VM that says that it lacks the function is not asked for it again, but for others', () => {
    const { dispatcher, heard, vm } = setUp();
    const app = dispatcher.application('app');
    const [joined, other] = [new Job(1, 'joined'), new Job(2)];
    dispatcher.add(app, vm);
    dispatcher.submit(joined, app);
    const verdict = judge({ kind: 'refused', reason: 'FunctionUnknown' });
    joined.slot?.judged(verdict);
    joined.slot?.release(undefined);
    joined.slot = undefined;
    dispatcher.restore(joined, app);
    dispatcher.submit(other, app);
    expect([verdict.counts, joined.slot, other.slot?.vm]).toEqual([false, undefined, vm]);
    expect(heard).toEqual(['waits app']);
  });

  test('a refusal of one function leaves those who wait for others', () => {
    const { dispatcher } = setUp();
    const app = dispatcher.application('app');
    const [broken, fine] = [new Job(1, 'broken'), new Job(2)];
    for (const job of [broken, fine]) dispatcher.submit(job, app);
    const why = { reason: 'DownloadFailed', detail: 'd' };
    dispatcher.refuse(app, why, 'broken');
    expect([broken.refusal, fine.refusal, app.queue.length]).toEqual([why, undefined, 1]);
  });

  test('a VM that is taken away is released when its last slot is', () => {
    const { clock, dispatcher, heard, vm } = setUp();
    const app = dispatcher.application('app');
    const job = new Job(1);
    dispatcher.add(app, vm);
    dispatcher.submit(job, app);
    dispatcher.remove(app, vm);
    expect(heard).toEqual([]);
    job.slot?.judged(judge({ kind: 'connect', detail: 'ECONNREFUSED', timedOut: false }));
    job.slot?.release(undefined);
    expect(heard).toEqual(['suspect vm-1 ConnectFailed', 'released vm-1']);
    expect(clock.pending).toBe(0);
  });
});
