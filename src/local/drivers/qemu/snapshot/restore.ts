import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { CONTROL, type AgentState, type IdentityCall } from '../../../../api/agent-protocol.ts';
import { AGENT_PORT } from '../../../../api/group.ts';
import { knock } from '../network/knock.ts';
import type { Qmp } from '../qmp.ts';
import type { GuestName } from './template.ts';

const POLL_MS = 10;
/** Of one call; a guest that was restored a moment ago answers, or is broken. */
const CALL_MS = 10_000;
const LONGEST_MS = 120_000;
const ENTROPY_BYTES = 64;

/** Lets a guest go on that QEMU has read from a file. */
export async function goOn(qmp: Qmp, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { status } = (await qmp.run('query-status')) as { readonly status: string };
    if (status !== 'inmigrate') break;
    await sleep(POLL_MS, undefined, { signal });
  }
  await qmp.run('cont');
}

/** Makes a restored template a VM of its own. @throws Error with the agent's reason when it refuses */
export async function nameGuest(
  address: string,
  name: GuestName,
  signal: AbortSignal,
): Promise<void> {
  const entropy = randomBytes(ENTROPY_BYTES).toString('base64');
  const call: IdentityCall = { ...name, entropy, now: Date.now() };
  const body = JSON.stringify(call);
  const until = AbortSignal.any([signal, AbortSignal.timeout(CALL_MS)]);
  // Of two that arrive the second is refused; the first has been answered then.
  await knock(until, async (within) => {
    const url = `http://${address}:${AGENT_PORT}${CONTROL.identity}`;
    const answer = await request(url, { method: 'POST', body, reset: true, signal: within });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`the agent refused its name: ${text}`);
  });
}

/** Until a template has done all that it does before somebody needs it. */
export async function untilWarm(address: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + LONGEST_MS;
  while (!(await isWarm(address, signal))) {
    if (performance.now() > deadline) throw new Error(`not warm after ${LONGEST_MS / 1000} s`);
    await sleep(POLL_MS * 10, undefined, { signal });
  }
}

async function isWarm(address: string, signal: AbortSignal): Promise<boolean> {
  const { body } = await request(`http://${address}:${AGENT_PORT}${CONTROL.state}`, {
    reset: true,
    signal: AbortSignal.any([signal, AbortSignal.timeout(CALL_MS)]),
  });
  return ((await body.json()) as AgentState).warm === true;
}
