import { describe, expect, test } from '@jest/globals';
import type { FunctionSpec } from '../../../../src/api/types.ts';
import {
  functionConditions,
  isRouted,
  type FunctionFacts,
} from '../../../../src/operator/functions/conditions.ts';
import { aFunction, scaling } from '../../support/objects.ts';

function facts(changes: Partial<FunctionFacts> = {}): FunctionFacts {
  return {
    fn: aFunction(),
    sourceProblem: undefined,
    isReading: false,
    digest: 'sha256:1',
    poolProblem: undefined,
    runtime: 'Node',
    load: undefined,
    remembered: undefined,
    rejected: false,
    refused: undefined,
    trouble: undefined,
    claimProblem: undefined,
    routing: { gateways: 2, behind: [] },
    vms: 0,
    backlog: 0,
    poolTrouble: undefined,
    max: 100,
    ...changes,
  };
}

/** `status reason` by type. */
function said(changes: Partial<FunctionFacts> = {}): Record<string, string> {
  const statements = functionConditions(facts(changes));
  return Object.fromEntries(
    statements.map(({ type, status, reason }) => [type, `${status} ${reason}`]),
  );
}

function message(type: string, changes: Partial<FunctionFacts>): string {
  return functionConditions(facts(changes)).find((one) => one.type === type)?.message ?? '';
}

const load = { name: 'hello', state: 'failed', reason: 'SyntaxError', detail: 'line 3' } as const;
const noPool = { reason: 'PoolNotFound', detail: 'OsvPool shop/node does not exist' };
const noSource = { reason: 'ConfigMapNotFound', detail: 'ConfigMap shop/code does not exist' };
const tooLarge = { reason: 'ManifestTooLarge', detail: '2 MiB' };

interface Row {
  readonly why: string;
  readonly given: Partial<FunctionFacts>;
  readonly says: Record<string, string>;
}

describe('whether a Function is ready, and if not, what stands in the way', () => {
  test.each<Row>([
    {
      why: 'ready without a VM: the first request brings one',
      given: {},
      says: {
        Ready: 'True Available',
        SourceReady: 'True Resolved',
        PoolReady: 'True Admitted',
        HandlerReady: 'Unknown NotLoadedYet',
        Routed: 'True Routed',
      },
    },
    {
      why: 'a gateway would answer that there is no such Function',
      given: { routing: { gateways: 2, behind: ['b'] } },
      says: { Ready: 'Unknown GatewaysBehind', Routed: 'Unknown GatewaysBehind' },
    },
    {
      why: 'nobody is there to send a request to it',
      given: { routing: { gateways: 0, behind: [] } },
      says: { Ready: 'Unknown NoGateway', Routed: 'Unknown NoGateway' },
    },
    {
      why: 'what is wrong is told before what is not known',
      given: { load, routing: { gateways: 1, behind: ['a'] } },
      says: { Ready: 'False SyntaxError', Routed: 'Unknown GatewaysBehind' },
    },
    {
      why: 'loaded',
      given: { vms: 1, load: { name: 'hello', state: 'loaded' } },
      says: { Ready: 'True Available', HandlerReady: 'True Loaded' },
    },
    {
      why: 'VMs are lost to its code, one after the other',
      given: { trouble: { reason: 'BindFailing', detail: '12.0 MiB' }, load: undefined },
      says: { Ready: 'False BindFailing', HandlerReady: 'False BindFailing' },
    },
    {
      why: 'a VM that has not imported it yet says nothing',
      given: { vms: 1, load: { name: 'hello', state: 'unloaded' } },
      says: { Ready: 'True Available', HandlerReady: 'Unknown NotLoadedYet' },
    },
    {
      why: 'no pool: whether its code is there was not looked at',
      given: { poolProblem: noPool, digest: undefined },
      says: {
        Ready: 'False PoolNotFound',
        PoolReady: 'False PoolNotFound',
        SourceReady: 'Unknown PoolNotReady',
      },
    },
    {
      why: 'no code',
      given: { sourceProblem: noSource, digest: undefined },
      says: { Ready: 'False ConfigMapNotFound', SourceReady: 'False ConfigMapNotFound' },
    },
    {
      why: 'of two problems the first on the way is told',
      given: { sourceProblem: noSource, load },
      says: { Ready: 'False ConfigMapNotFound', HandlerReady: 'False SyntaxError' },
    },
    {
      why: 'code that does not load',
      given: { load },
      says: { Ready: 'False SyntaxError', HandlerReady: 'False SyntaxError' },
    },
    {
      why: 'code that does not load and does not say why',
      given: { load: { name: 'hello', state: 'failed' } },
      says: { HandlerReady: 'False LoadFailed' },
    },
    {
      why: 'a bundle that no agent takes',
      given: { refused: tooLarge, load },
      says: { Ready: 'False ManifestTooLarge', HandlerReady: 'False ManifestTooLarge' },
    },
    { why: 'at zero', given: {}, says: { Scaling: 'True ScaledToZero' } },
    { why: 'with enough', given: { vms: 3 }, says: { Scaling: 'True Satisfied' } },
    { why: 'at its maximum', given: { vms: 5, max: 5 }, says: { Scaling: 'True AtMaximum' } },
    {
      why: 'the pool has no more: this does not make it unready',
      given: { vms: 5, max: 5, backlog: 2 },
      says: { Scaling: 'False WaitingForPool', Ready: 'True Available' },
    },
  ])('$why', ({ given, says }) => {
    expect(said(given)).toMatchObject(says);
  });

  test.each([
    { runtime: 'Native', signature: 'Lambda', says: 'False WithoutEffect' },
    { runtime: 'Native', signature: 'Auto', says: 'True Supported' },
    { runtime: 'Node', signature: 'Lambda', says: 'True Supported' },
  ] as const)(
    'signature $signature in a pool of $runtime: $says',
    ({ runtime, signature, says }) => {
      const fn = aFunction({}, { signature });
      expect(said({ fn, runtime })).toMatchObject({ SpecSupported: says });
    },
  );

  test('Ready stands first, and each type once', () => {
    const types = Object.keys(said());
    expect(types).toEqual([
      'Ready',
      'SourceReady',
      'PoolReady',
      'HandlerReady',
      'Routed',
      'Scaling',
      'SpecSupported',
    ]);
  });
});

describe('a generation that every gateway knew stays routed', () => {
  const gone = { gateways: 0, behind: [] };
  const fnWith = (status: 'True' | 'Unknown', observedGeneration: number): FunctionFacts['fn'] => ({
    ...aFunction({ generation: 4 }),
    status: {
      conditions: [
        {
          type: 'Routed',
          status,
          observedGeneration,
          reason: 'Any',
          message: 'any',
          lastTransitionTime: '2026-01-02T12:00:00Z',
        },
      ],
    },
  });
  test.each([
    { status: 'True', generation: 4, says: 'True Routed', why: 'this one was known' },
    { status: 'True', generation: 3, says: 'Unknown NoGateway', why: 'the one before was' },
    { status: 'Unknown', generation: 4, says: 'Unknown NoGateway', why: 'it never was' },
  ] as const)('$why: $says', ({ status, generation, says }) => {
    const fn = fnWith(status, generation);
    expect(said({ fn, routing: gone })['Routed']).toBe(says);
    expect(isRouted(fn)).toBe(says === 'True Routed');
  });
});

describe('messages say what a person can act on', () => {
  test.each([
    { type: 'SourceReady', given: {}, says: 'code sha256:1', why: 'which code' },
    { type: 'PoolReady', given: {}, says: 'OsvPool node', why: 'which pool' },
    { type: 'Ready', given: { poolProblem: noPool }, says: noPool.detail, why: 'the cause itself' },
    { type: 'HandlerReady', given: { load }, says: 'line 3', why: 'where the code is wrong' },
    {
      type: 'HandlerReady',
      given: { load, rejected: true },
      says: 'line 3; the revision before goes on serving',
      why: 'that nobody suffers from it',
    },
    {
      type: 'Routed',
      given: { routing: { gateways: 3, behind: ['a', 'b', 'c'] } },
      says: '3 of 3 gateways do not know it as it is now: a, b, c',
      why: 'which are behind',
    },
    {
      type: 'Routed',
      given: { routing: { gateways: 9, behind: ['a', 'b', 'c', 'd', 'e'] } },
      says: '5 of 9 gateways do not know it as it is now: a, b, c and 2 more',
      why: 'some of many',
    },
    { type: 'Scaling', given: { vms: 5, max: 5 }, says: 'spec.scaling.max (5)', why: 'the field' },
    { type: 'Scaling', given: { backlog: 2 }, says: '2 more VMs', why: 'how many' },
    {
      type: 'Scaling',
      given: { backlog: 2, poolTrouble: 'StartFailing' },
      says: 'the pool has ready; OsvPool shop/node says StartFailing',
      why: 'and what the pool suffers from',
    },
  ])('$type: $why', ({ type, given, says }) => {
    expect(message(type, given)).toContain(says);
  });
});

describe('fields that this version stores and does not act on', () => {
  const rows: { why: string; spec: Partial<FunctionSpec>; fields: string | undefined }[] = [
    { why: 'none', spec: {}, fields: undefined },
    { why: 'empty lists ask for nothing', spec: { triggers: [] }, fields: undefined },
    {
      why: 'metrics',
      spec: scaling({ metrics: [{ type: 'CPU', target: 1 } as never] }),
      fields: 'spec.scaling.metrics',
    },
    { why: 'behaviour', spec: scaling({ behavior: {} }), fields: 'spec.scaling.behavior' },
    {
      why: 'two of them, both named',
      spec: { async: {} as never, triggers: [{ schedule: {} } as never] },
      fields: 'spec.async, spec.triggers',
    },
  ];
  test.each(rows)('$fields: $why', ({ spec, fields }) => {
    const fn = aFunction({}, spec);
    const says = fields === undefined ? 'True Supported' : 'False NotYetActedOn';
    expect(said({ fn })['SpecSupported']).toBe(says);
    expect(message('SpecSupported', { fn })).toContain(fields ?? 'every field');
    expect(said({ fn })['Ready']).toBe('True Available');
  });
});
