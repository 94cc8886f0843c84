import { describe, expect, test } from '@jest/globals';
import { LABELS } from '../../../../src/api/group.ts';
import { labelledBinding } from '../../../../src/domain/vmi/labels.ts';
import type { Vmi } from '../../../../src/api/kubevirt.ts';

const vmi = (labels?: Record<string, string>): Vmi => ({
  metadata: {
    name: 'node-1',
    namespace: 'pools',
    uid: 'u',
    ...(labels === undefined ? {} : { labels }),
  },
  spec: { domain: { devices: {} } },
});

describe('what the labels of a VM say of its binding', () => {
  const labels = {
    [LABELS.state]: 'bound',
    [LABELS.application]: 'web',
    [LABELS.applicationNamespace]: 'shop',
  };

  test.each([
    {
      why: 'never seen bound',
      labels: { [LABELS.application]: 'web' },
      said: undefined,
    },
    { why: 'bound', labels, said: { state: 'bound', application: 'shop/web@pools/node' } },
    {
      why: 'draining',
      labels: { ...labels, [LABELS.state]: 'draining' },
      said: { state: 'draining', application: 'shop/web@pools/node' },
    },
    {
      why: 'a state that nobody writes: not generic, whatever it means',
      labels: { ...labels, [LABELS.state]: 'generic' },
      said: { state: 'bound', application: 'shop/web@pools/node' },
    },
    {
      why: 'whose VM it is was taken away: bound, to no application there is',
      labels: { [LABELS.state]: 'bound' },
      said: { state: 'bound', application: '/@pools/node' },
    },
  ])('$why', ({ labels: written, said }) => {
    expect(labelledBinding(vmi(written), 'pools/node')).toEqual(said);
  });

  test('no labels at all are no binding', () => {
    expect(labelledBinding(vmi(), 'pools/node')).toBeUndefined();
  });
});
