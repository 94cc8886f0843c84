/**
 * The watchdog's own thread: asks the main thread for a beat, and when none comes
 * for too long says so and ends the process. Before the bind it only waits.
 */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { createLog } from '../host/log.ts';
import { allowance, BEAT, RUNNING, SLEEP, type WatchPlan } from './plan.ts';

const MAX_STEP_MS = 1000;
const MIN_STEP_MS = 50;

const shared = new Int32Array(workerData as SharedArrayBuffer);

function watch(plan: WatchPlan, port: MessagePort): void {
  const stepMs = Math.min(MAX_STEP_MS, Math.max(MIN_STEP_MS, plan.graceMs / 4));
  for (;;) {
    awaitBeat(plan, port, stepMs);
    Atomics.wait(shared, SLEEP, 0, stepMs);
  }
}

function awaitBeat(plan: WatchPlan, port: MessagePort, stepMs: number): void {
  const before = Atomics.load(shared, BEAT);
  port.postMessage(before);
  let stuckMs = 0;
  let at = performance.now();
  while (Atomics.wait(shared, BEAT, before, stepMs) === 'timed-out') {
    const now = performance.now();
    // A guest that was paused has lost no more than a step.
    stuckMs += Math.min(now - at, 2 * stepMs);
    at = now;
    const allowed = allowance(plan, (index) => Atomics.load(shared, RUNNING + index));
    if (stuckMs > allowed.ms) {
      end(stuckMs, allowed.running);
    }
  }
}

function end(stuckMs: number, running: Readonly<Record<string, number>>): void {
  const message = 'user code keeps the event loop busy past its timeout; this VM ends';
  createLog(MAX_STEP_MS).error(message, { stuckMs: Math.round(stuckMs), running });
  // `process.exit` would end this thread alone. SIGKILL ends a process, and powers OSv off.
  process.kill(process.pid, 'SIGKILL');
}

const port = parentPort;
port?.once('message', (plan: WatchPlan) => {
  watch(plan, port);
});
