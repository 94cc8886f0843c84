/** A gateway that recovers alone: whose VM is whose is the operator's word, whatever the guests say. */
import { generateKeyPairSync } from 'node:crypto';
import { Registry } from '@prometheus-io/client';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { boundVmsOf, readVmi } from '../../../src/adapters/gateway/recover.ts';
import type { BindingClaim } from '../../../src/api/binding.ts';
import type { Vmi } from '../../../src/api/kubevirt.ts';
import { signBinding } from '../../../src/operator/agents/bindings.ts';
import type { BoundVm } from '../../../src/gateway/capacity/endpoints.ts';
import type { KubeClient } from '../../../src/runtime/kube.ts';
import { silentLogger } from '../../../src/runtime/log.ts';
import { bind, type Guest } from '../../support/agent.ts';
import { startProcess } from '../../support/agent-process.ts';
import { HostileAgent, LIES } from '../../support/hostile-agent.ts';

const APPLICATION = 'tests/app@tests/pool';
const CODE = `export default { fetch: () => new Response('ok') };`;
const { privateKey, publicKey } = generateKeyPairSync('ed25519');

function claimOf(vmId: string, changes: Partial<BindingClaim> = {}): BindingClaim {
  const claim = { vmId, application: APPLICATION, revision: 'r1', slots: 2, boundAt: 7 };
  return { ...claim, tokenKey: 'k1', epoch: 1, ...changes };
}

interface Labelled {
  readonly vmId: string;
  readonly port?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ip?: string;
  readonly phase?: string;
}

function vmi({ vmId, port, labels, ip = '127.0.0.1', phase = 'Running' }: Labelled): Vmi {
  return {
    metadata: {
      name: 'vm',
      namespace: 'tests',
      uid: 'u',
      labels: {
        'faas.osv.io/vm-id': vmId,
        'faas.osv.io/pool': 'pool',
        'faas.osv.io/application': 'app',
        'faas.osv.io/application-namespace': 'tests',
        'faas.osv.io/state': 'bound',
        ...labels,
      },
      ...(port === undefined ? {} : { annotations: { 'faas.osv.io/agent-port': String(port) } }),
    },
    spec: {},
    status: { phase, interfaces: [{ ipAddress: ip }] },
  } as unknown as Vmi;
}

const selectors: unknown[] = [];

async function recover(...items: Vmi[]): Promise<{ vms: readonly BoundVm[]; refused: number }> {
  const list: KubeClient['list'] = (_resource, options) => {
    selectors.push(options?.labelSelector);
    return Promise.resolve({ items, resourceVersion: '1' });
  };
  const registry = new Registry();
  const client = { list } as KubeClient;
  const source = boundVmsOf({ client, publicKey, registry, log: silentLogger });
  const vms = await source.listBound();
  const text = await registry.metrics();
  const refused = Number(/bindings_refused_total (\d+)/.exec(text)?.[1] ?? 0);
  return { vms, refused };
}

describe('with the real agent', () => {
  let guest: Guest;

  beforeAll(async () => {
    guest = await startProcess();
    const fn = { name: 'hello', handler: 'index.default', files: { 'index.mjs': CODE } };
    await bind(guest, [fn], { slots: 2, binding: signBinding(privateKey, claimOf(guest.vmId)) });
  }, 30_000);

  afterAll(() => guest.stop());

  const labelled = (changes: Partial<Labelled> = {}): Vmi =>
    vmi({ vmId: guest.vmId, port: guest.port, ip: guest.host, ...changes });

  test('what labels and signature say is served', async () => {
    const { vms, refused } = await recover(labelled());
    const address = `${guest.host}:${guest.port}`;
    const vm = { vmId: guest.vmId, applicationId: APPLICATION, address, slots: 2, boundAt: 7 };
    expect(vms).toEqual([{ ...vm, tokenKey: 'k1', functions: ['hello'] }]);
    expect(refused).toBe(0);
    expect(selectors).toEqual(['app.kubernetes.io/managed-by=osv-faas,faas.osv.io/state=bound']);
  });

  test('labels that name another application than the signature are not believed', async () => {
    const other = labelled({ labels: { 'faas.osv.io/application': 'victim' } });
    expect(await recover(other)).toEqual({ vms: [], refused: 1 });
  });

  test.each([
    { what: { ip: '127.0.0.99' }, why: 'its agent does not answer' },
    { what: { labels: { 'faas.osv.io/vm-id': 'other' } }, why: 'another VM answers there' },
    { what: { phase: 'Failed' }, why: 'it has failed' },
  ])('a VM is left out when $why', async ({ what }) => {
    expect((await recover(labelled(what))).vms).toEqual([]);
  });
});

describe('a guest that says it is', () => {
  test.each(Object.keys(LIES))('%s: harms nobody but itself', async (lie) => {
    const honest = new HostileAgent({
      ...{ version: 1, vmId: 'honest', state: 'bound', inFlight: 0, functions: [], uptimeMs: 1 },
      binding: signBinding(privateKey, claimOf('honest')),
    });
    const liar = new HostileAgent({
      ...{ version: 1, vmId: 'liar', state: 'bound', inFlight: 0, functions: [], uptimeMs: 1 },
      binding: signBinding(privateKey, claimOf('liar')),
    });
    liar.lie = LIES[lie] ?? liar.lie;
    const ports = [await honest.listen(), await liar.listen()] as const;
    const started = performance.now();
    const { vms } = await recover(
      vmi({ vmId: 'honest', port: ports[0] }),
      vmi({ vmId: 'liar', port: ports[1] }),
    );
    expect(performance.now() - started).toBeLessThan(10_000);
    honest.close();
    liar.close();
    expect(vms.find((vm) => vm.vmId === 'honest')).toBeDefined();
    // It may go on as what it is, or not at all.
    expect(vms.map((vm) => vm.applicationId)).toEqual(vms.map(() => APPLICATION));
    expect(vms.find((vm) => vm.vmId === 'liar')?.slots ?? 2).toBe(2);
  });

  test('a signed binding of another VM does not pass for its own', async () => {
    const thief = new HostileAgent({
      ...{ version: 1, vmId: 'thief', state: 'bound', inFlight: 0, functions: [], uptimeMs: 1 },
      binding: signBinding(privateKey, claimOf('victim-vm')),
    });
    const port = await thief.listen();
    expect(await recover(vmi({ vmId: 'thief', port }))).toEqual({ vms: [], refused: 1 });
    thief.close();
  });
});

test('an IPv6 address is written as one, and the usual port is the agent’s', () => {
  expect(readVmi(vmi({ vmId: 'v', ip: 'fd00::1' }))).toEqual({
    vmId: 'v',
    address: '[fd00::1]:8080',
    applicationId: APPLICATION,
  });
});
