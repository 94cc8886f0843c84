import { DemandBook } from '../domain/scaling/demand-book.ts';
import type { Part } from '../runtime/lifecycle.ts';
import { ApplicationRegistry } from './applications/registry.ts';
import { EventRecorder } from './events/recorder.ts';
import { Teller } from './events/teller.ts';
import { ownFunctions } from './functions/own.ts';
import { createMetrics, type OperatorMetrics } from './metrics.ts';
import { Observation } from './observation.ts';
import type { OperatorOptions } from './options.ts';
import { EndpointPublisher } from './stream/endpoint-publisher.ts';
import { GatewayMessages } from './stream/gateway-messages.ts';
import { RoutePropagation } from './stream/route-propagation.ts';
import type { StreamHandlers } from './stream/session.ts';
import { UsageBook } from './usage/book.ts';
import type { Fleet } from './vms/fleet.ts';
import { Wiring } from './wiring.ts';
import { Work } from './work.ts';

/** The control plane: it observes, it works, and what changes is told to whom it concerns. */
export class Operator {
  readonly publisher = new EndpointPublisher();
  readonly usage: UsageBook;
  readonly metrics: OperatorMetrics;
  readonly stream: StreamHandlers;
  readonly #observation: Observation;
  readonly #work: Work;

  constructor(options: OperatorOptions) {
    const isOwn = ownFunctions(options.functions);
    this.usage = new UsageBook(options.clock.now(), isOwn);
    this.#observation = new Observation(options, {
      isOwn,
      reserved: (vm) => this.#work.reservations.mayHoldCode(vm),
      refused: (reason) => {
        this.metrics.bindingRefused(reason);
      },
      filled: () => {
        this.#work.reservations.begin();
      },
    });
    this.metrics = createMetrics(this.fleet, this.publisher);
    const parts = {
      observation: this.#observation,
      registry: new ApplicationRegistry(),
      demand: new DemandBook(),
      publisher: this.publisher,
      routes: new RoutePropagation((fn) => {
        this.#work.look('function', fn);
      }),
      usage: this.usage,
      teller: new Teller({ ...options, recorder: new EventRecorder(options) }),
      metrics: this.metrics,
    };
    this.#work = new Work(options, parts);
    const wiring = new Wiring(options, parts, this.#work);
    wiring.connect();
    const { demanded, suspected } = wiring;
    this.stream = new GatewayMessages({ ...options, ...parts, demanded, suspected });
  }

  get fleet(): Fleet {
    return this.#observation.fleet;
  }

  /** In this order: caches, adoption of what runs, work. */
  parts(): Part[] {
    const work = {
      name: 'work',
      start: () => {
        this.#work.start();
      },
      stop: () => this.#work.stop(),
    };
    return [...this.#observation.parts(), work];
  }

  /** Undefined when the operator works, otherwise why not. */
  readonly unready = (): string | undefined =>
    this.#observation.problem ??
    (this.#work.begun ? undefined : 'caches are filled and VMs adopted first');
}
