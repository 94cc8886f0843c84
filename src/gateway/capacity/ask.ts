import { CONTROL } from '../../api/agent-protocol.ts';
import { boundedAgent, callJson } from '../../runtime/json-call.ts';
import type { Vm } from './vm.ts';

/** Milliseconds; an agent that lives needs a few, under load some hundred. */
const ANSWER_MS = 1_000;

/** Whether a VM lives. Never rejects. */
export interface Asker {
  lives(vm: Vm): Promise<boolean>;
  close(): Promise<void>;
}

/** Asks the agent who it is: where a VM was, another may answer. No function sees the question. */
export function createAsker(): Asker {
  const dispatcher = boundedAgent({ keepAliveTimeout: 5_000 });
  return {
    async lives({ address, vmId }) {
      try {
        const call = { method: 'GET', timeoutMs: ANSWER_MS } as const;
        const { value } = await callJson(dispatcher, `http://${address}${CONTROL.state}`, call);
        return (value as { vmId?: unknown } | undefined)?.vmId === vmId;
      } catch {
        return false;
      }
    },
    close: () => dispatcher.destroy(),
  };
}
