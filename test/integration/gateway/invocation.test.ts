import { describe, expect, test } from '@jest/globals';
import type { Verdict } from '../../../src/domain/dispatch/failure.ts';
import { Dispatcher } from '../../../src/gateway/capacity/dispatcher.ts';
import { Vm } from '../../../src/gateway/capacity/vm.ts';
import type { OperatorRefusal, Slot, Waiter } from '../../../src/gateway/capacity/waiter.ts';
import { Attempt, type AttemptOwner } from '../../../src/gateway/request/attempt.ts';
import type { AnswerHead } from '../../../src/gateway/upstream/head.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { refuse, type AgentHandler } from './support/agent.ts';
import { APP, startAgent } from './support/gateway.ts';
import { eventually } from './support/wait.ts';

const TIMES = { connectMs: 1_000, firstByteMs: 0, totalMs: 5_000 };

/** What is to be sent to a function without any client that waits for the answer. */
class Invocation implements Waiter, AttemptOwner {
  next: Waiter | undefined = undefined;
  previous: Waiter | undefined = undefined;
  queued = false;
  readonly functionName = 'hello';
  readonly arrivedAt = performance.now();
  readonly heldBytes = 0;
  attempt: Attempt | undefined = undefined;
  status = 0;
  text = '';
  over = false;
  verdict: Verdict | undefined = undefined;

  onSlot(slot: Slot): void {
    this.attempt = new Attempt(slot, TIMES, this);
    this.attempt.send({
      method: 'POST',
      target: '/job',
      forward: 'host: h\r\n',
      functionName: 'hello',
      requestId: 'r-1',
      bodyBytes: 4,
    });
  }

  onRefused(why: OperatorRefusal): void {
    throw new Error(why.reason);
  }

  onSent(): void {
    this.attempt?.connection.write('work');
    this.attempt?.connection.end('');
  }

  onDrain(): void {
    throw new Error('four bytes never wait');
  }

  onHead({ status }: AnswerHead): void {
    this.status = status;
  }

  onData(bytes: Buffer): void {
    this.text += bytes.toString();
  }

  onPause(): void {
    // It keeps all of the answer.
  }

  onEnd(): void {
    this.over = true;
  }

  onUpgrade(): void {
    throw new Error('a job switches no protocols');
  }

  onFailed(verdict: Verdict): void {
    this.verdict = verdict;
  }
}

async function sendTo(
  handler: AgentHandler,
): Promise<{ job: Invocation; vm: Vm; heard: string[] }> {
  const agent = await startAgent('vm-1', handler);
  const heard: string[] = [];
  const dispatcher = new Dispatcher({
    clock: systemClock,
    bounds: { count: 10, bytes: 1_000 },
    waits: () => undefined,
    suspect: (_vm, reason) => heard.push(reason),
    doubt: () => undefined,
    released: ({ vmId }) => heard.push(`released ${vmId}`),
  });
  const application = dispatcher.application(APP);
  const vm = new Vm(agent.endpoint(), APP, 'token');
  const job = new Invocation();
  dispatcher.submit(job, application);
  dispatcher.add(application, vm);
  await eventually(() => job.over || job.verdict !== undefined, 'it is over');
  await eventually(() => application.inFlight === 0, 'the slot is given back');
  dispatcher.remove(application, vm);
  return { job, vm, heard };
}

describe('an invocation without a client', () => {
  test('takes its turn, its slot and its answer', async () => {
    const { job, vm, heard } = await sendTo((req, res) => req.pipe(res));
    expect(job).toMatchObject({ status: 200, text: 'work', over: true, verdict: undefined });
    expect([vm.inFlight, vm.strikes, heard]).toEqual([0, 0, ['released vm-1']]);
  });

  test.each<{
    why: string;
    handler: AgentHandler;
    reason: string;
    retry: boolean;
    heard: string[];
  }>([
    {
      why: 'the VM dies',
      handler: (req) => req.socket.resetAndDestroy(),
      reason: 'ConnectionLost',
      retry: false,
      heard: ['ConnectionLost', 'released vm-1'],
    },
    {
      why: 'the VM drains',
      handler: (_req, res) => {
        refuse(res, 503, 'Draining');
      },
      reason: 'VmsRefused',
      retry: true,
      heard: ['released vm-1'],
    },
    {
      why: 'the function switches protocols',
      handler: (req) =>
        req.socket.write('HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
      reason: 'AnswerInvalid',
      retry: false,
      heard: ['AnswerInvalid', 'released vm-1'],
    },
  ])('hears the verdict when $why', async ({ handler, reason, retry, heard }) => {
    const sent = await sendTo(handler);
    expect(sent.job.verdict).toMatchObject({ retry, problem: { reason } });
    expect(sent.heard).toEqual(heard);
    expect(sent.vm.inFlight).toBe(0);
  });
});
