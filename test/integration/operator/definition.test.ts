/** A cluster without KubeVirt: the operator says what is missing, and begins when it comes. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { request } from 'undici';
import { installCrds, manifestFiles } from '../../../src/local/controlplane/index.ts';
import { join } from 'node:path';
import { root } from '../../support/paths.ts';
import { eventually, testLocal } from '../../support/local.ts';

const CRDS = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
};
const MISSING = 'virtualmachineinstances.kubevirt.io: not defined in this cluster';

const started = testLocal();

test('readyz and log name the missing definition', async () => {
  const t = started();
  const readyz = async (): Promise<string> => {
    const { body } = await request(`${t.local.operatorAdminUrl}/readyz`);
    return body.text();
  };
  await t.client.delete({ resource: CRDS, name: 'virtualmachineinstances.kubevirt.io' });
  await t.local.services.kill('operator');
  await eventually(
    'readyz says so',
    async () => (await readyz().catch(() => '')) === `${MISSING}\n`,
  );
  expect(readFileSync(t.local.services.logOf('operator'), 'utf8')).toContain(MISSING);
  await installCrds(t.client, manifestFiles(join(root, 'crds', 'kubevirt')));
  await t.local.ready('operator');
  await t.pool({ warm: { min: 1 } });
  await t.warm(1);
});
