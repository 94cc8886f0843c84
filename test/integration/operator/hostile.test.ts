/** Guests that lie to the operator, in every way and at every moment: nobody is harmed but the liar. */
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AgentState } from '../../../src/api/agent-protocol.ts';
import type { Vmi } from '../../../src/api/kubevirt.ts';
import { createAgentClient, type AgentClient } from '../../../src/operator/agents/client.ts';
import { createSigner } from '../../../src/operator/agents/signer.ts';
import { ApplicationRegistry } from '../../../src/operator/applications/registry.ts';
import { UsageBook } from '../../../src/operator/usage/book.ts';
import { Fleet } from '../../../src/operator/vms/fleet.ts';
import { Health } from '../../../src/operator/vms/health.ts';
import { Prober } from '../../../src/operator/vms/prober.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import type { Informer } from '../../../src/runtime/kube.ts';
import { silentLogger } from '../../../src/runtime/log.ts';
import { eventually } from '../../support/agent.ts';
import { HostileAgent, LIES, METER_LIES } from '../../support/hostile-agent.ts';
import { aBinding, aVm } from '../../unit/support/vms.ts';

const pem = generateKeyPairSync('ed25519').privateKey.export({
  type: 'pkcs8',
  format: 'pem',
});
const signer = createSigner(pem, 1);
const POOL = 'tests/pool';
const WHO = ['honest', 'liar'] as const;
type Who = (typeof WHO)[number];
const applicationOf = (who: Who): string => `shop/${who}@${POOL}`;

let fleet: Fleet;
let agents: AgentClient;
let usage: UsageBook;
let guests: Readonly<Record<Who, HostileAgent>>;
let addresses: Readonly<Record<Who, string>>;
/** Reasons for which VMs were deleted at their first answer. */
let refused: string[];

function truthOf(vmId: Who): AgentState {
  const binding = { application: applicationOf(vmId), revision: 'sha256:1', slots: 16 };
  const rest = { tokenKey: 'k1', boundAt: 5_000 };
  return {
    ...{ version: 1, vmId, state: 'bound', inFlight: 0, functions: [], uptimeMs: 1, ...binding },
    binding: signer.signBinding({ vmId, ...binding, ...rest }),
  };
}

beforeEach(async () => {
  fleet = new Fleet(systemClock);
  agents = createAgentClient(signer, 300);
  usage = new UsageBook(0, (application, name) => application.startsWith(`shop/${name}@`));
  guests = { honest: new HostileAgent(truthOf('honest')), liar: new HostileAgent(truthOf('liar')) };
  const [honest, liar] = await Promise.all(WHO.map((who) => guests[who].listen()));
  addresses = { honest: `127.0.0.1:${honest ?? 0}`, liar: `127.0.0.1:${liar ?? 0}` };
  refused = [];
});

afterEach(async () => {
  for (const who of WHO) {
    // Nobody asks a VM that is gone any further.
    fleet.remove(`tests/${who}`);
    guests[who].close();
  }
  await agents.close();
});

/** An operator that starts and finds both VMs; their VMIs have labels, or the crash came before that. */
async function restarted(labelled: boolean): Promise<void> {
  const labels = (who: string): Vmi =>
    ({
      metadata: {
        labels: {
          'faas.osv.io/state': 'bound',
          'faas.osv.io/application': who,
          'faas.osv.io/application-namespace': 'shop',
        },
      },
    }) as unknown as Vmi;
  const vmis = { get: (key: string) => (labelled ? labels(key.split('/')[1] ?? '') : undefined) };
  const prober = new Prober({
    ...{ fleet, agents, signer, clock: systemClock, log: silentLogger },
    vmis: vmis as unknown as Informer<Vmi>,
    isOwn: () => true,
    tokens: { knows: () => true },
    reserved: () => !labelled,
    refused: (reason) => refused.push(reason),
  });
  for (const who of WHO) fleet.put(aVm({ ...vmOf(who), stage: 'starting' }));
  await prober.settled(1_000);
  // A loaded machine may take longer; the liar may take for ever.
  await eventually(() => fleet.get('tests/honest')?.stage !== 'starting');
}

function vmOf(who: Who): {
  key: string;
  name: string;
  vmId: string;
  pool: string;
  address: string;
} {
  return { key: `tests/${who}`, name: who, vmId: who, pool: POOL, address: addresses[who] };
}

/** Both are bound, and the operator looks after them, until even a silent one has used its strikes. */
async function looksAfter(): Promise<void> {
  const registry = new ApplicationRegistry();
  const health = new Health({
    ...{ fleet, agents, usage, registry },
    clock: systemClock,
    log: silentLogger,
  });
  for (const who of WHO) {
    const binding = aBinding({ application: applicationOf(who) });
    fleet.put(aVm({ ...vmOf(who), stage: 'bound', binding }));
  }
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(WHO.map((who) => health.check(`tests/${who}`)));
  }
}

/** The liar is what it was, or on its way out; the honest one goes on. */
function expectNobodyHarmed(): void {
  expect(fleet.get('tests/honest')).toMatchObject({
    stage: 'bound',
    binding: { application: applicationOf('honest') },
  });
  const liar = fleet.get('tests/liar');
  expect(liar?.stage).not.toBe('generic');
  expect(['starting', 'bound', 'draining', 'deleting']).toContain(liar?.stage);
  expect(liar?.binding?.application ?? applicationOf('liar')).toBe(applicationOf('liar'));
  expect(liar?.binding?.slots ?? 16).toBe(16);
}

describe.each(Object.keys(LIES))('a guest that says: %s', (lie) => {
  beforeEach(() => {
    guests.liar.lie = LIES[lie] ?? guests.liar.lie;
  });

  test('the operator is up', async () => {
    await looksAfter();
    expectNobodyHarmed();
  });

  test.each([true, false])('the operator starts again, labels written: %s', async (labelled) => {
    await restarted(labelled);
    expectNobodyHarmed();
    expect(refused).toHaveLength(fleet.get('tests/liar')?.stage === 'deleting' ? 1 : 0);
  });
});

test.each(Object.keys(METER_LIES))('a guest that meters %s', async (lie) => {
  guests.liar.meterLie = METER_LIES[lie] ?? guests.liar.meterLie;
  await looksAfter();
  expectNobodyHarmed();
  const [honest, liar, ...others] = usage.report();
  const empty = { application: applicationOf('honest'), vms: 1, cpuMs: 100, startCpuMs: 40 };
  expect(honest).toMatchObject({ ...empty, functions: [] });
  expect(others).toEqual([]);
  expect(liar?.application ?? applicationOf('liar')).toBe(applicationOf('liar'));
  expect(liar?.functions ?? []).toEqual([]);
  expect(Number.isFinite(liar?.cpuMs ?? 0)).toBe(true);
});
