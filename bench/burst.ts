/**
 * 1,000 requests at once to an application without a VM, 50 generic VMs waiting.
 * Baseline: the same again on the VMs that are bound then. Then the same burst
 * with the operator killed (kill -9) in its middle and started again.
 */
import { Agent, request } from 'undici';
import { CONTROL, type AgentState } from '../src/api/agent-protocol.ts';
import { LABELS } from '../src/api/group.ts';
import { OSVPOOLS, VMIS } from '../src/api/types.ts';
import type { Vmi } from '../src/api/kubevirt.ts';
import { sleep, snapshotOf, until } from '../src/cli/demo/observe.ts';
import type { Local } from '../src/local/local.ts';
import {
  allGeneric,
  allReady,
  applyFunction,
  applyPool,
  deleteFunction,
  startBenchLocal,
} from './lib/local.ts';
import { percentile, report, type Figure } from './lib/report.ts';

const REQUESTS = 1_000;
const VMS = 50;
/** 1,000 with headroom need more slots than 50 VMs have, so all are bound. */
const SLOTS = 20;
/** Long enough that all 1,000 are in flight together: connecting them alone takes a third of a second here. */
const SERVICE_MS = 500;
const CODE = `
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export default { async fetch() { await sleep(${SERVICE_MS}); return new Response('done'); } };
`;
const KILL_AFTER_MS = 150;

interface Burst {
  readonly failed: number;
  readonly lastMs: number;
  readonly answers: readonly number[];
  readonly firstFailure: string;
}

export default async function burst(): Promise<void> {
  const local = await startBenchLocal();
  const dispatcher = new Agent({ connections: null, headersTimeout: 120_000 });
  const fire = (name: string): Promise<Burst> => run(local, dispatcher, name);
  try {
    await applyPool(local, VMS);
    const cold = await prepared(local, 'burst', fire);
    const bound = (await snapshotOf(local)).vms.bound;
    const warm = await fire('burst');
    await deleteFunction(local, 'burst');
    let owners: ReadonlyMap<string, string> = new Map();
    const killed = await prepared(local, 'killed', async (name) => {
      const firing = fire(name);
      await sleep(KILL_AFTER_MS);
      await local.services.kill('operator');
      const asking = ownersOf(local);
      const result = await firing;
      owners = await asking;
      await local.ready('operator');
      return result;
    });
    const twice = await boundTwice(local, owners);
    const left = await deleteAll(local);
    report('burst', figures({ cold, warm, killed, bound, twice, left }));
  } finally {
    await dispatcher.close();
    await local.stop();
  }
}

async function prepared(
  local: Local,
  name: string,
  fire: (name: string) => Promise<Burst>,
): Promise<Burst> {
  await applyFunction(local, name, { code: CODE, concurrency: SLOTS });
  await allReady(local, [name]);
  await allGeneric(local, VMS);
  await sleep(1_000);
  return fire(name);
}

async function run(local: Local, dispatcher: Agent, name: string): Promise<Burst> {
  const started = performance.now();
  const answers: number[] = [];
  let firstFailure = '';
  const call = async (): Promise<void> => {
    try {
      const answer = await request(`${local.gatewayUrl}/default/${name}/`, { dispatcher });
      const text = await answer.body.text();
      if (answer.statusCode === 200) answers.push(performance.now() - started);
      else firstFailure ||= `${answer.statusCode} ${text}`;
    } catch (error) {
      firstFailure ||= String(error);
    }
  };
  await Promise.all(Array.from({ length: REQUESTS }, call));
  const lastMs = performance.now() - started;
  return { failed: REQUESTS - answers.length, lastMs, answers, firstFailure };
}

/** Who owns which VM, by the agents' own answers. */
async function ownersOf(local: Local): Promise<ReadonlyMap<string, string>> {
  const { items } = await local.connection.client.list(VMIS);
  const states = await Promise.all((items as unknown as readonly Vmi[]).map(stateOf));
  return new Map(
    states.flatMap((state) =>
      state?.application === undefined ? [] : [[state.vmId, state.application]],
    ),
  );
}

/** VMs that have another owner than when the operator died, or whose labels never follow their agents. */
async function boundTwice(local: Local, before: ReadonlyMap<string, string>): Promise<number> {
  const after = await ownersOf(local);
  const changed = [...before].filter(([vmId, owner]) => (after.get(vmId) ?? owner) !== owner);
  const unlabelled = async (): Promise<number> => {
    const { items } = await local.connection.client.list(VMIS);
    const labels = items.map(({ metadata }) => metadata.labels ?? {});
    return labels.filter((label) => {
      const owner = after.get(label[LABELS.vmId] ?? '');
      const name = label[LABELS.application] ?? '';
      return owner !== undefined && owner.split('@')[0] !== `default/${name}`;
    }).length;
  };
  const settled = async (): Promise<boolean> => (await unlabelled()) === 0;
  await until('labels follow', 30_000, settled).catch(() => undefined);
  return changed.length + (await unlabelled());
}

/** Undefined for a guest that ends at this moment. */
async function stateOf(vmi: Vmi): Promise<AgentState | undefined> {
  const address = vmi.status?.interfaces?.[0]?.ipAddress;
  if (address === undefined || vmi.metadata.deletionTimestamp !== undefined) return undefined;
  const answer = await request(`http://${address}:8080${CONTROL.state}`).catch(() => undefined);
  return (await answer?.body.json()) as AgentState | undefined;
}

/** Objects that are left after everything was deleted. */
async function deleteAll(local: Local): Promise<number> {
  const { client } = local.connection;
  await deleteFunction(local, 'killed');
  await client.delete({ resource: OSVPOOLS, name: 'bench', namespace: 'default' });
  const count = async (): Promise<number> => (await client.list(VMIS)).items.length;
  await until('no VMI is left', 60_000, async () => (await count()) === 0).catch(() => undefined);
  return count();
}

function figures(seen: {
  readonly cold: Burst;
  readonly warm: Burst;
  readonly killed: Burst;
  readonly bound: number;
  readonly twice: number;
  readonly left: number;
}): Figure[] {
  const { cold, warm, killed } = seen;
  for (const [name, { firstFailure }] of Object.entries({ cold, warm, killed })) {
    if (firstFailure !== '') console.log(`${name}: first failure: ${firstFailure}`);
  }
  const baseline = `warm ${Math.round(warm.lastMs)}`;
  const one = (figure: string, value: number, unit: string): Figure => ({
    figure,
    value,
    unit,
    samples: REQUESTS,
  });
  const last = (figure: string, { lastMs }: Burst): Figure => ({
    ...one(figure, lastMs, 'ms'),
    baseline,
    ratio: lastMs / warm.lastMs,
  });
  return [
    last('burst.last', cold),
    one('burst.p50', percentile(cold.answers, 50), 'ms'),
    one('burst.failed', cold.failed, 'requests'),
    one('burst.bound', seen.bound, 'VMs'),
    one('burst.warm.failed', warm.failed, 'requests'),
    last('burst.operator-killed.last', killed),
    one('burst.operator-killed.failed', killed.failed, 'requests'),
    one('burst.operator-killed.bound-twice', seen.twice, 'VMs'),
    one('burst.operator-killed.left', seen.left, 'VMIs'),
  ];
}
