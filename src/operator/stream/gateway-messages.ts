import type { GatewayMessage } from '../../api/gateway-protocol.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import type { DemandBook } from '../../domain/scaling/demand-book.ts';
import type { EndpointPublisher, Subscriber } from './endpoint-publisher.ts';
import type { RoutePropagation } from './route-propagation.ts';
import type { StreamHandlers } from './session.ts';

export interface GatewayMessagesOptions {
  readonly publisher: EndpointPublisher;
  readonly demand: DemandBook;
  readonly routes: RoutePropagation;
  /** Something new was said of this application. */
  readonly demanded: (application: string) => void;
  /** A gateway says that this VM is broken. */
  readonly suspected: (vmId: string, reason: string) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What gateways say, told to whom it concerns. */
export class GatewayMessages implements StreamHandlers {
  readonly #options: GatewayMessagesOptions;

  constructor(options: GatewayMessagesOptions) {
    this.#options = options;
  }

  connected(gateway: Subscriber): void {
    const { publisher, demand, routes, clock, log } = this.#options;
    demand.connected(gateway.name, clock.now());
    publisher.subscribe(gateway);
    routes.connected(gateway);
    log.info('gateway connected', { gateway: gateway.name });
  }

  disconnected(gateway: Subscriber, clean: boolean): void {
    const { publisher, demand, routes, log } = this.#options;
    publisher.unsubscribe(gateway);
    routes.disconnected(gateway);
    demand.disconnected(gateway.name, clean);
    log.info('gateway disconnected', { gateway: gateway.name, clean });
  }

  message(gateway: Subscriber, message: GatewayMessage): void {
    const { publisher, demand, routes, demanded, suspected, clock } = this.#options;
    switch (message.type) {
      case 'demand': {
        const { applications, level } = message;
        demand.record(gateway.name, applications, level, clock.now()).forEach(demanded);
        return;
      }
      case 'routes':
        routes.reached(gateway, message.resourceVersion);
        return;
      case 'released':
        publisher.released(gateway, message.vmId);
        return;
      case 'suspect':
        suspected(message.vmId, message.reason);
        return;
      case 'hello':
        return;
      default:
      // A newer gateway may say things that this operator does not know.
    }
  }
}
