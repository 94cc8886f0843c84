/** The key of VMs' tokens is changed: no VM refuses for ever. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readTokens, type TokenKeyFiles } from '../../../src/adapters/tokens.ts';
import { createAgentClient } from '../../../src/operator/agents/client.ts';
import { createSigner } from '../../../src/operator/agents/signer.ts';
import type { Vm } from '../../../src/operator/vms/vm.ts';
import { eventually, testLocal, type TestLocal } from '../../support/local.ts';

const started = testLocal();
const { privateKey } = generateKeyPairSync('ed25519');
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
const agents = createAgentClient(createSigner(pem, 1), 2_000);
afterAll(() => agents.close());

const KEPT = { scaling: { idle: { afterSeconds: 600 } }, concurrency: 100 };

const filesOf = (t: TestLocal): TokenKeyFiles => ({
  tokenKeyFile: join(t.local.stateDir, 'keys', 'token.key'),
});

async function boundVm(t: TestLocal): Promise<Vm> {
  const vm = (await t.vms()).find((one) => one.stage === 'bound');
  if (vm === undefined) throw new Error('no bound VM');
  return vm;
}

test('an agent says whether it takes a token, and no function sees the question', async () => {
  const t = started();
  await t.pool({ warm: { min: 2 } });
  await t.fn('counted', {
    code: `let seen = 0; export default { fetch: () => new Response(String((seen += 1))) };`,
    spec: KEPT,
  });
  await t.ready('counted');
  expect((await t.call('/default/counted/')).body).toBe('1');
  const { vmId, address = '', binding } = await boundVm(t);
  const { keyId, tokenOf } = readTokens(filesOf(t));
  expect(binding?.tokenKey).toBe(keyId);
  const target = { address, vmId };
  const token = tokenOf(vmId, binding?.application ?? '');
  expect(await agents.accepts(target, token)).toBe(true);
  expect(await agents.accepts(target, `${token}x`)).toBe(false);
  expect((await t.call('/default/counted/')).body).toBe('2');
});

test('after a change of the key alone VMs of the old key are replaced, and all is answered again', async () => {
  const t = started();
  const before = await boundVm(t);
  const labelled = async (): Promise<boolean> =>
    (await t.vmis()).some(({ metadata }) => metadata.labels?.['faas.osv.io/state'] === 'bound');
  await eventually('its label', labelled);
  writeFileSync(filesOf(t).tokenKeyFile, 'k'.repeat(48));
  await t.local.services.kill('gateway');
  await t.local.services.kill('operator');
  await Promise.all([t.local.ready('operator'), t.local.ready('gateway')]);
  await eventually(
    'answered again',
    async () => (await t.call('/default/counted/')).status === 200,
  );
  const after = await boundVm(t);
  expect(after.vmId).not.toBe(before.vmId);
  await eventually('the old one is gone', async () => {
    return !(await t.vms()).some((vm) => vm.vmId === before.vmId);
  });
});
