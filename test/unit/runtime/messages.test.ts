import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encode, type GatewayMessage } from '../../../src/api/gateway-protocol.ts';
import { GATEWAY_SCHEMAS } from '../../../src/api/gateway-schema.ts';
import { decoderOf } from '../../../src/runtime/messages.ts';

const decode = decoderOf<GatewayMessage>(GATEWAY_SCHEMAS);
const DEMAND = {
  ...{ application: 'a', inFlight: 1, waiting: 2, oldestWaitMs: 3.5, arrivals: 4, serviceMs: 0 },
};

test.each<{ message: GatewayMessage }>([
  { message: { type: 'hello', version: 1, gateway: 'g' } },
  { message: { type: 'demand', level: true, applications: [DEMAND] } },
  { message: { type: 'routes', resourceVersion: '12' } },
  { message: { type: 'released', vmId: 'v' } },
  { message: { type: 'suspect', vmId: 'v', reason: '' } },
])('$message.type survives the wire', ({ message }) => {
  expect(decode(encode(message))).toEqual({ message });
});

test('what is newer is passed over: types and members', () => {
  expect(decode('{"type":"from-the-future"}')).toEqual({ message: undefined });
  const released = { type: 'released', vmId: 'v', why: 'new' } as const;
  expect(decode(JSON.stringify(released))).toEqual({ message: released });
});

describe('what is not understood is named, and not repeated', () => {
  const demand = (lie: object): string =>
    JSON.stringify({ type: 'demand', level: true, applications: [{ ...DEMAND, ...lie }] });
  test.each([
    { text: '{', problem: 'it is no JSON object' },
    { text: '7', problem: 'it is no JSON object' },
    { text: 'null', problem: 'it is no JSON object' },
    { text: '{"version":1}', problem: 'it has no type' },
    { text: '{"type":1}', problem: 'it has no type' },
    { text: '{"type":"demand","level":true}', problem: 'demand: /applications is missing' },
    { text: demand({ waiting: -1 }), problem: 'demand: /applications/0/waiting must be >= 0' },
    { text: demand({ waiting: 1e300 }), problem: 'demand: /applications/0/waiting must be <= ' },
    { text: demand({ waiting: 'SECRET' }), problem: '/waiting must be integer' },
    { text: demand({ serviceMs: null }), problem: '/serviceMs must be number' },
    { text: demand({ application: '' }), problem: '/application must NOT have fewer' },
    { text: '{"type":"routes","resourceVersion":"SECRET"}', problem: 'must match pattern' },
    { text: `{"type":"released","vmId":"${'x'.repeat(9_999)}"}`, problem: 'must NOT have more' },
  ])('$problem', ({ text, problem }) => {
    const decoded = decode(text);
    expect(decoded).toEqual({ problem: expect.stringContaining(problem) as unknown });
    expect(JSON.stringify(decoded)).not.toContain('SECRET');
  });
});

test('any JSON is decoded, ignored or refused, and never throws', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(...Object.keys(GATEWAY_SCHEMAS)), (json, type) => {
      for (const text of [json, `{"type":"${type}","applications":${json},"vmId":${json}}`]) {
        const decoded = decode(text);
        expect('problem' in decoded ? decoded.problem.length : 0).toBeLessThan(300);
      }
    }),
  );
});
