import { randomInt } from 'node:crypto';

/** 250 in each of 250 networks of a /16: neither .0 nor .255 in any. */
const HOSTS = 62_499;

/**
 * Loopback addresses, one for each guest: Linux answers on all of 127.0.0.0/8.
 * Two runners on one machine begin at different places; where they meet, the
 * guest that cannot listen ends, and its VM is replaced.
 */
export class Addresses {
  readonly #network: string;
  readonly #used = new Set<number>();
  #next = randomInt(1, HOSTS);

  constructor(network = `127.${randomInt(64, 250)}`) {
    this.#network = network;
  }

  /** @throws Error when all are in use */
  take(): string {
    for (let tries = 0; tries < HOSTS; tries += 1) {
      const host = this.#next;
      this.#next = (this.#next % HOSTS) + 1;
      if (this.#used.has(host)) continue;
      this.#used.add(host);
      return `${this.#network}.${Math.floor(host / 250)}.${(host % 250) + 1}`;
    }
    throw new Error(`no free address in ${this.#network}.0.0/16`);
  }

  free(address: string): void {
    const [, , high = '0', low = '1'] = address.split('.');
    this.#used.delete(Number(high) * 250 + Number(low) - 1);
  }
}
