/** Messages of the stream between gateways and operator, as either side reads them, and what they make of them. */
import {
  encode,
  type GatewayMessage,
  type OperatorMessage,
} from '../../../src/api/gateway-protocol.ts';
import { GATEWAY_SCHEMAS, OPERATOR_SCHEMAS } from '../../../src/api/gateway-schema.ts';
import { DemandBook } from '../../../src/domain/scaling/demand-book.ts';
import { decoderOf } from '../../../src/runtime/messages.ts';
import { must, type Input, type Target } from '../target.ts';

const fromGateway = decoderOf<GatewayMessage>(GATEWAY_SCHEMAS);
const fromOperator = decoderOf<OperatorMessage>(OPERATOR_SCHEMAS);
const COUNTS = { inFlight: 1, waiting: 2, oldestWaitMs: 3, arrivals: 4, serviceMs: 5.5 };
const ENDPOINT = { vmId: 'v', address: '10.0.0.1:8080', slots: 4, boundAt: 1 };
/** Longest problem that a log line is to hold. */
const MAX_PROBLEM = 300;

export function open(): Target {
  const messages: (GatewayMessage | OperatorMessage)[] = [
    { type: 'hello', version: 1, gateway: 'g' },
    { type: 'demand', level: true, applications: [{ application: 'a', ...COUNTS }] },
    { type: 'demand', level: false, applications: [{ application: 'b', ...COUNTS }] },
    { type: 'routes', resourceVersion: '12' },
    { type: 'suspect', vmId: 'v', reason: 'r' },
    { type: 'snapshot', applications: [{ application: 'a', endpoints: [ENDPOINT] }] },
    { type: 'endpoints', application: 'a', add: [ENDPOINT], remove: ['w'] },
    { type: 'refusal', application: 'a', reason: 'R', detail: 'd', final: false },
    { type: 'bound', application: 'a', vmId: 'v', phases: { load: 1 } },
  ];
  const book = new DemandBook();
  return {
    seeds: messages.map((message) => Buffer.from(encode(message))),
    tokens: [
      ...['{', '}', '[', ']', ',', ':', '"', '\\u0000', '-', '1e999', '0.5', 'null', 'true'],
      ...['"type":"demand"', '"applications":', '"__proto__":', '"constructor":', '"arrivals":'],
      ...['[[[[[[[[', '{"a":', '9007199254740993', '"level":true', '"type":"endpoints"'],
    ],
    run(input) {
      run(book, input);
    },
  };
}

function run(book: DemandBook, { bytes }: Input): void {
  const text = bytes.toString('utf8');
  const said = fromGateway(text);
  if ('problem' in said) must(said.problem.length <= MAX_PROBLEM, 'a problem is short');
  else if (said.message?.type === 'demand') {
    const { applications, level } = said.message;
    for (const id of book.record('gateway', applications, level, 1_000)) {
      const { rate, inFlight, waiting } = book.loadOf(id);
      const sane = [rate, inFlight, waiting].every((value) => Number.isFinite(value) && value >= 0);
      must(sane, `demand is a number: ${[rate, inFlight, waiting].join()}`);
    }
    // As the end of each stream does: what one has said is not kept for ever.
    book.disconnected('gateway', true);
  }
  const told = fromOperator(text);
  if ('problem' in told) must(told.problem.length <= MAX_PROBLEM, 'a problem is short');
  must(({} as { polluted?: unknown }).polluted === undefined, 'no prototype is changed');
}
