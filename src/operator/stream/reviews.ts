import { createHash } from 'node:crypto';
import type { Clock } from '../../runtime/clock.ts';

/** Whose bearer token it is, `namespace:name` of the service account; undefined for nobody's. */
export type Authenticate = (token: string) => Promise<string | undefined>;

/** How long an answer is believed: a gateway that reconnects, and one that is refused, ask again only then. */
const KEPT_MS = 30_000;
const MAX_KEPT = 1_000;
/** Asked of the API server at once; an address that asks for more has to wait. */
const MAX_OPEN = 8;
/** Reviews that one address may cause: a few at once, then one every two seconds. */
const BURST = 10;
const REFILL_MS = 2_000;

/** Too many reviews are under way, or this address has caused too many: try again later. */
export class ReviewsBusy extends Error {
  override readonly name = 'ReviewsBusy';
}

interface Answer {
  readonly at: number;
  readonly account: Promise<string | undefined>;
}

/**
 * Token reviews that nobody can make expensive: each token is asked for once in a
 * while, refused ones too, few at a time, and a stranger's address only now and then.
 */
export class Reviews {
  readonly #ask: Authenticate;
  readonly #clock: Clock;
  /** By digest of the token, oldest first: the token itself is not kept. */
  readonly #answers = new Map<string, Answer>();
  /** When each address will have paid for its last review, as in the generic cell rate algorithm (ITU-T I.371). */
  readonly #paidAt = new Map<string, number>();
  #open = 0;

  constructor(ask: Authenticate, clock: Clock) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** @throws ReviewsBusy; what the API server throws */
  accountOf(token: string, address: string): Promise<string | undefined> {
    const key = createHash('sha256').update(token).digest('base64');
    const now = this.#clock.now();
    const known = this.#answers.get(key);
    if (known !== undefined && now - known.at < KEPT_MS) return known.account;
    if (this.#open >= MAX_OPEN || !this.#pays(address, now)) {
      return Promise.reject(new ReviewsBusy('too many token reviews'));
    }
    const account = this.#review(token, key);
    keep(this.#answers, key, { at: now, account });
    return account;
  }

  async #review(token: string, key: string): Promise<string | undefined> {
    this.#open += 1;
    try {
      return await this.#ask(token);
    } catch (error) {
      // No answer is no refusal.
      this.#answers.delete(key);
      throw error;
    } finally {
      this.#open -= 1;
    }
  }

  #pays(address: string, now: number): boolean {
    const paidAt = Math.max(now, this.#paidAt.get(address) ?? now);
    if (paidAt - now > (BURST - 1) * REFILL_MS) return false;
    keep(this.#paidAt, address, paidAt + REFILL_MS);
    return true;
  }
}

/** The newest last; the oldest go. */
function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= MAX_KEPT) return;
    map.delete(oldest);
  }
}
