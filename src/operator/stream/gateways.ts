import type { GatewayMessage } from '../../api/gateway-protocol.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import type { DemandBook } from './demand-book.ts';
import type { Hub, Subscriber } from './hub.ts';
import type { RouteBook } from './route-book.ts';
import type { StreamHandlers } from './session.ts';

export interface GatewaysOptions {
  readonly hub: Hub;
  readonly demand: DemandBook;
  readonly routes: RouteBook;
  /** Something new was said of this application. */
  readonly demanded: (application: string) => void;
  /** A gateway says that this VM is broken. */
  readonly suspected: (vmId: string) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What gateways say, told to whom it concerns. */
export class Gateways implements StreamHandlers {
  readonly #options: GatewaysOptions;

  constructor(options: GatewaysOptions) {
    this.#options = options;
  }

  connected(gateway: Subscriber): void {
    const { hub, demand, routes, clock, log } = this.#options;
    demand.connected(gateway.name, clock.now());
    hub.subscribe(gateway);
    routes.connected(gateway);
    log.info('gateway connected', { gateway: gateway.name });
  }

  disconnected(gateway: Subscriber, clean: boolean): void {
    const { hub, demand, routes, log } = this.#options;
    hub.unsubscribe(gateway);
    routes.disconnected(gateway);
    demand.disconnected(gateway.name, clean);
    log.info('gateway disconnected', { gateway: gateway.name, clean });
  }

  message(gateway: Subscriber, message: GatewayMessage): void {
    const { hub, demand, routes, demanded, suspected, clock } = this.#options;
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
        hub.released(gateway, message.vmId);
        return;
      case 'suspect':
        suspected(message.vmId);
        return;
      case 'hello':
        return;
      default:
      // A newer gateway may say things that this operator does not know.
    }
  }
}
