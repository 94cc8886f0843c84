import type { AgentClient } from '../agents/client.ts';
import type { Tokens } from '../agents/tokens.ts';
import type { Refusal } from './adopt.ts';
import type { Fleet } from './fleet.ts';
import type { Logger } from '../../runtime/log.ts';

export interface TokenCheckOptions {
  readonly fleet: Fleet;
  readonly agents: Pick<AgentClient, 'accepts'>;
  readonly tokens: Tokens;
  /** The VM is replaced. */
  readonly refused: (reason: Refusal) => void;
  readonly log: Logger;
}

/**
 * A VM that refuses its token would answer nobody for the rest of its life. A gateway that was refused may
 * hold the wrong key itself, so the agent is asked; if it refuses again the VM is drained, and others come.
 */
export class TokenCheck {
  readonly #options: TokenCheckOptions;
  readonly #asked = new Set<string>();

  constructor(options: TokenCheckOptions) {
    this.#options = options;
  }

  /** Never rejects. Many suspicions at a time are one question. */
  async check(key: string): Promise<void> {
    const { fleet, agents, tokens, refused, log } = this.#options;
    const { stage, address, vmId = '', binding } = fleet.get(key) ?? {};
    if (stage !== 'bound' || address === undefined || binding === undefined) return;
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    const token = tokens.tokenOf(vmId, binding.application, binding.tokenKey);
    // Without an answer nothing is known of the token; health looks after silence.
    const accepted = await agents.accepts({ address, vmId }, token).catch(() => true);
    this.#asked.delete(key);
    if (accepted || fleet.move(key, ['bound'], 'draining') === undefined) return;
    log.warn('vm refuses its token and is replaced', { vm: key });
    refused('TokenInvalid');
  }
}
