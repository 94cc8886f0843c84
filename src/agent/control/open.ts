import type { IncomingMessage, ServerResponse } from 'node:http';
import { CONTROL } from '../../api/agent-protocol.ts';
import { sendJson } from '../http/answer.ts';
import type { Vm } from '../vm.ts';

/** Health and state: open to all, and answered by a VM that has loaded nothing else yet. */
const ANSWERS: Readonly<Record<string, (vm: Vm) => unknown>> = {
  [CONTROL.health]: () => ({ status: 'ok' }),
  [CONTROL.state]: (vm) => vm.state,
};

/** Answers if `req` is one of the two; false otherwise. */
export function answerOpen(vm: Vm, req: IncomingMessage, res: ServerResponse): boolean {
  const answer = req.method === 'GET' ? ANSWERS[req.url ?? ''] : undefined;
  if (answer === undefined) return false;
  sendJson(res, answer(vm));
  return true;
}
