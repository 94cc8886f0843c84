import { expect, test } from '@jest/globals';
import { sharedCluster } from '../../support/cluster.ts';

test('kubectl speaks to the shared control plane', async () => {
  const cluster = sharedCluster();
  const namespace = await cluster.newNamespace('shared');
  const answer = await cluster.kubectl(['get', 'namespace', namespace, '-o', 'name']);
  expect(answer).toEqual({ code: 0, stdout: `namespace/${namespace}\n`, stderr: '' });
});

test('the custom resources are served', async () => {
  const { stdout } = await sharedCluster().kubectl([
    'api-resources',
    '--categories=faas',
    '-o',
    'name',
  ]);
  expect(stdout.trim().split('\n').sort()).toEqual([
    'functions.faas.osv.io',
    'osvpools.faas.osv.io',
  ]);
});
