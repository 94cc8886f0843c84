import type { Demand, OperatorMessage } from '../../api/gateway-protocol.ts';
import type { Application } from '../capacity/application.ts';
import type { ControlHandlers, ControlStream } from './control-stream.ts';
import type { Dispatcher } from '../capacity/dispatcher.ts';
import type { ColdStartMetric } from '../telemetry/metrics.ts';
import type { Vm } from '../capacity/vm.ts';
import type { Endpoints } from '../capacity/endpoints.ts';

export interface SessionParts {
  readonly stream: ControlStream | undefined;
  readonly dispatcher: Dispatcher;
  readonly endpoints: Endpoints;
  readonly coldStarts: ColdStartMetric;
}

/** What is said between gateway and operator: demand up, endpoints down. */
export class OperatorSession implements ControlHandlers {
  readonly #parts: SessionParts;
  /** Applications in which somebody began to wait in this turn of the event loop. */
  readonly #waiting = new Set<Application>();
  #scheduled = false;
  /** Up to which change of a Function the routes are known; undefined before the first. */
  #routesAt: string | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** Tells the operator at once, and once for all requests that arrive together. */
  waits(application: Application): void {
    this.#waiting.add(application);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const now = performance.now();
      const applications = [...this.#waiting].map((each) => each.demand(now));
      this.#waiting.clear();
      this.#parts.stream?.send({ type: 'demand', level: false, applications });
    });
  }

  /** Everything but what rests, every second: whatever got lost before is made good. */
  level(): void {
    const now = performance.now();
    const applications: Demand[] = [];
    for (const application of this.#parts.dispatcher.applications.values()) {
      const demand = application.level(now);
      if (demand !== undefined) applications.push(demand);
      else if (application.unused) this.#parts.dispatcher.forget(application);
    }
    this.#parts.stream?.send({ type: 'demand', level: true, applications });
  }

  suspect(vm: Vm, reason: string): void {
    this.#parts.stream?.send({ type: 'suspect', vmId: vm.vmId, reason });
  }

  released(vm: Vm): void {
    if (this.#parts.endpoints.holds(vm.vmId)) return;
    this.#parts.stream?.send({ type: 'released', vmId: vm.vmId });
  }

  /** The operator calls a Function ready when its route is known here. */
  routes(resourceVersion: string): void {
    this.#routesAt = resourceVersion;
    this.#parts.stream?.send({ type: 'routes', resourceVersion });
  }

  opened(): void {
    this.level();
    if (this.#routesAt !== undefined) this.routes(this.#routesAt);
  }

  message(message: OperatorMessage): void {
    const { endpoints, coldStarts } = this.#parts;
    switch (message.type) {
      case 'snapshot':
        endpoints.replace(message);
        return;
      case 'endpoints':
        endpoints.change(message);
        return;
      case 'refusal':
        this.#refused(message);
        return;
      case 'bound':
        coldStarts.observe(message.phases);
        return;
      case 'welcome':
        return;
      default:
      // A newer operator may say things that this gateway does not know.
    }
  }

  #refused({ application: id, function: functionName, reason, detail, final }: Refusal): void {
    const { dispatcher } = this.#parts;
    const application = dispatcher.application(id);
    const why = { reason, detail };
    if (functionName === undefined) application.refusal = why;
    else if (application.queue.firstOf(functionName) !== undefined) {
      application.refusals.set(functionName, why);
    }
    if (final) dispatcher.refuse(application, why, functionName);
  }
}

type Refusal = Extract<OperatorMessage, { type: 'refusal' }>;
