import type { Endpoint, OperatorMessage } from '../../api/gateway-protocol.ts';
import { redact } from '../../domain/redact.ts';

/** One connected gateway, as the publisher sees it. */
export interface Subscriber {
  readonly name: string;
  send(message: OperatorMessage): void;
}

type Refused = Extract<OperatorMessage, { type: 'refusal' }>;

/**
 * Which gateways may send to which VMs. An endpoint that was sent is held by
 * the gateway until it says `released` or its connection ends.
 */
export class EndpointPublisher {
  readonly #endpoints = new Map<string, Map<string, Endpoint>>();
  readonly #holding = new Map<Subscriber, Set<string>>();
  readonly #waiting = new Map<string, (() => void)[]>();

  get gateways(): number {
    return this.#holding.size;
  }

  subscribe(subscriber: Subscriber): void {
    const held = new Set<string>();
    this.#holding.set(subscriber, held);
    const applications = [...this.#endpoints].map(([application, endpoints]) => {
      for (const vmId of endpoints.keys()) held.add(vmId);
      return { application, endpoints: [...endpoints.values()] };
    });
    subscriber.send({ type: 'snapshot', applications });
  }

  unsubscribe(subscriber: Subscriber): void {
    const held = this.#holding.get(subscriber) ?? [];
    this.#holding.delete(subscriber);
    for (const vmId of held) this.#settle(vmId);
  }

  /** Whether gateways may send to the VM. */
  publishes(application: string, vmId: string): boolean {
    return this.#endpoints.get(application)?.has(vmId) ?? false;
  }

  publish(application: string, endpoint: Endpoint): void {
    const endpoints = this.#endpoints.get(application) ?? new Map<string, Endpoint>();
    this.#endpoints.set(application, endpoints.set(endpoint.vmId, endpoint));
    for (const held of this.#holding.values()) held.add(endpoint.vmId);
    this.#broadcast({ type: 'endpoints', application, add: [endpoint], remove: [] });
  }

  /** Resolves when no gateway sends to the VM any more. */
  withdraw(application: string, vmId: string): Promise<void> {
    const endpoints = this.#endpoints.get(application);
    if (endpoints?.delete(vmId) === true) {
      if (endpoints.size === 0) this.#endpoints.delete(application);
      this.#broadcast({ type: 'endpoints', application, add: [], remove: [vmId] });
    }
    if (!this.#isHeld(vmId)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.set(vmId, [...(this.#waiting.get(vmId) ?? []), resolve]);
    });
  }

  released(subscriber: Subscriber, vmId: string): void {
    this.#holding.get(subscriber)?.delete(vmId);
    this.#settle(vmId);
  }

  /** The VM is gone: there is nothing left to release. */
  forget(vmId: string): void {
    for (const held of this.#holding.values()) held.delete(vmId);
    this.#settle(vmId);
  }

  refuse(application: string, why: Omit<Refused, 'type' | 'application'>): void {
    this.#broadcast({ type: 'refusal', application, ...why, detail: redact(why.detail) });
  }

  tellBound(application: string, vmId: string, phases: Readonly<Record<string, number>>): void {
    this.#broadcast({ type: 'bound', application, vmId, phases });
  }

  #broadcast(message: OperatorMessage): void {
    for (const subscriber of this.#holding.keys()) subscriber.send(message);
  }

  #isHeld(vmId: string): boolean {
    return [...this.#holding.values()].some((held) => held.has(vmId));
  }

  #settle(vmId: string): void {
    if (this.#isHeld(vmId)) return;
    for (const resolve of this.#waiting.get(vmId) ?? []) resolve();
    this.#waiting.delete(vmId);
  }
}
