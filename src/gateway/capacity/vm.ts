import type { Endpoint } from '../../api/gateway-protocol.ts';
import type { Packable } from '../../domain/dispatch/packing.ts';
import { UpstreamConnection, type ConnectionOwner } from '../upstream/connection.ts';

/** A VM of an application as this gateway sees it, with its kept connections. */
export class Vm implements Packable, ConnectionOwner {
  readonly vmId: string;
  readonly applicationId: string;
  readonly address: string;
  readonly slots: number;
  readonly boundAt: number;
  /** Bearer token of the agent. */
  readonly token: string;
  /** Names of the functions that it was given; undefined while nobody has said so: any. */
  functions: readonly string[] | undefined;
  inFlight = 0;
  listed = false;
  /** The operator took it away: no new requests, `released` when nothing is in flight. */
  removed = false;
  /** Failures in a row, for the quarantine ladder. */
  strikes = 0;
  /** "Full" in a row although a slot seemed free. */
  fullness = 0;
  /** It gets no requests until it has answered a question. */
  held = false;
  /** Something came from it since it was looked at last. */
  heard = false;
  /** Ends the time in which it gets no requests; undefined when it gets some. */
  endHold: (() => void) | undefined;
  /** Functions that it says it does not hold. */
  readonly #lacking = new Set<string>();
  readonly #host: string;
  readonly #port: number;
  /** The one used last is taken first, so that the others can fall idle. */
  readonly #idle: UpstreamConnection[] = [];

  constructor(endpoint: Endpoint, applicationId: string, token: string) {
    this.vmId = endpoint.vmId;
    this.applicationId = applicationId;
    this.address = endpoint.address;
    this.slots = endpoint.slots;
    this.boundAt = endpoint.boundAt;
    this.functions = endpoint.functions;
    this.token = token;
    const colon = endpoint.address.lastIndexOf(':');
    this.#host = endpoint.address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
    this.#port = Number(endpoint.address.slice(colon + 1));
  }

  /** Whether a request for this function may be sent here: a VM keeps the functions that it was bound with. */
  holds(functionName: string): boolean {
    if (this.#lacking.has(functionName)) return false;
    return this.functions === undefined || this.functions.includes(functionName);
  }

  /** It has said so itself. */
  lacks(functionName: string): void {
    this.#lacking.add(functionName);
  }

  get idleConnections(): number {
    return this.#idle.length;
  }

  /** A kept connection, or a new one that connects by itself. */
  connection(): UpstreamConnection {
    for (let kept = this.#idle.pop(); kept !== undefined; kept = this.#idle.pop()) {
      if (kept.reusable) return kept;
    }
    return new UpstreamConnection(this.#host, this.#port, this);
  }

  /** Keeps a connection whose answer is complete, if it can be used again. */
  keep(connection: UpstreamConnection, now: number): void {
    if (!connection.reusable || this.removed) {
      connection.destroy();
      return;
    }
    connection.idleSince = now;
    this.#idle.push(connection);
  }

  closed(connection: UpstreamConnection): void {
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
  }

  /** Closes connections that have been idle since before `time`; the oldest lie first. */
  closeIdle(time: number): void {
    while (this.#idle[0] !== undefined && this.#idle[0].idleSince <= time) {
      this.#idle.shift()?.destroy();
    }
  }
}
