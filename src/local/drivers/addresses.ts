import { randomInt } from 'node:crypto';

/**
 * Loopback addresses, one for each guest: Linux answers on all of 127.0.0.0/8.
 * Two runners on one machine begin at different places; where they meet, the
 * guest that cannot listen ends, and its VM is replaced.
 */
export class Addresses {
  readonly #network: string;
  readonly #used = new Set<number>();
  #next = randomInt(1, 65_000);

  constructor(network = `127.${randomInt(64, 250)}`) {
    this.#network = network;
  }

  /** @throws Error when all 65,000 are in use */
  take(): string {
    for (let tries = 0; tries < 65_000; tries += 1) {
      const host = this.#next;
      this.#next = (this.#next % 65_000) + 1;
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
