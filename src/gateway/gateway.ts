import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from '@prometheus-io/client';
import type { Route } from '../domain/routing/route.ts';
import { Roster } from '../domain/dispatch/containers/roster.ts';
import type { HostPolicy } from '../domain/routing/policy.ts';
import { RoutingTable } from '../domain/routing/table.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import type { LineSink } from './telemetry/accesslog/writer.ts';
import type { ControlStream } from './control/control-stream.ts';
import type { GatewayContext } from './context.ts';
import { describeApplications } from './telemetry/debug.ts';
import { Dispatcher } from './capacity/dispatcher.ts';
import { drain } from './request/drain.ts';
import { receive } from './request/front.ts';
import { createPublicServer } from './http/server.ts';
import { registerMetrics } from './telemetry/metrics.ts';
import { createAsker } from './capacity/ask.ts';
import { Endpoints, type TokenOf } from './capacity/endpoints.ts';
import { VmWatch } from './capacity/watch.ts';
import { OperatorSession } from './control/session.ts';
import type { GatewayOptions } from './options.ts';
import { Recorder } from './telemetry/recorder.ts';
import { Recovery, type BoundVms } from './control/recover.ts';
import { startTicking } from './request/tick.ts';

/** The routes of all Functions, and when they change. */
export interface RouteSource {
  /** False until all are known. */
  readonly synced: boolean;
  /** Tells at once what is known, and all routes after each change. */
  subscribe(listener: RouteListener): void;
}

export interface RouteListener {
  changed(routes: readonly Route[]): void;
  /** The last routes told follow every change of a Function up to this resource version. */
  reached(resourceVersion: string): void;
}

export interface GatewayDeps {
  readonly routes: RouteSource;
  /** Who may claim which host; the operator must be given the same. */
  readonly hosts?: HostPolicy;
  readonly tokenOf: TokenOf;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Logger;
  /** None: the gateway serves what it finds. */
  readonly stream?: ControlStream;
  readonly boundVms?: BoundVms;
  readonly accessLog?: LineSink;
}

export interface Gateway {
  /** Resolves with the port when it accepts requests. */
  start(): Promise<number>;
  /** Stops in the order that loses nothing; resolves when the stream is closed and the log is flushed. */
  stop(): Promise<void>;
  /** Undefined when ready, otherwise why not. */
  unready(): string | undefined;
  /** For /debug/applications. */
  applications(): unknown;
}

const LEVEL_MS = 1_000;

/** Puts the gateway together; nothing runs until it is started. */
export function createGateway(deps: GatewayDeps, options: GatewayOptions): Gateway {
  return new RunningGateway(deps, options);
}

class RunningGateway implements Gateway {
  readonly #deps: GatewayDeps;
  readonly #context: GatewayContext;
  readonly #session: OperatorSession;
  readonly #endpoints: Endpoints;
  readonly #recovery: Recovery | undefined;
  readonly #asker = createAsker();
  readonly #watch: VmWatch;
  readonly #server: Server;
  #table = new RoutingTable([]);
  #stopTicking: () => void = () => undefined;
  #stopping: Promise<void> | undefined;

  constructor(deps: GatewayDeps, options: GatewayOptions) {
    const { clock, log } = deps;
    this.#deps = deps;
    const dispatcher = new Dispatcher({
      clock,
      bounds: options.queue,
      waits: (application) => {
        this.#session.waits(application);
      },
      suspect: (vm, reason) => {
        this.#session.suspect(vm, reason);
      },
      doubt: (vm) => {
        this.#watch.doubt(vm);
      },
      released: (vm) => {
        this.#session.released(vm);
      },
    });
    this.#watch = new VmWatch({
      asker: this.#asker,
      clock,
      silent: (vm) => {
        dispatcher.silent(vm);
      },
      lives: (vm) => {
        dispatcher.answered(vm);
      },
    });
    this.#context = {
      options,
      dispatcher,
      recorder: new Recorder(deps.accessLog),
      active: new Roster(),
      draining: false,
    };
    this.#endpoints = new Endpoints(dispatcher, deps.tokenOf);
    const operatorUp = (): boolean => deps.stream?.up ?? false;
    const coldStarts = registerMetrics(deps.registry, { context: this.#context, operatorUp });
    const { stream } = deps;
    this.#session = new OperatorSession({
      stream,
      dispatcher,
      endpoints: this.#endpoints,
      coldStarts,
    });
    if (deps.boundVms !== undefined) {
      const found = { source: deps.boundVms, endpoints: this.#endpoints };
      this.#recovery = new Recovery({ ...found, clock, log, afterMs: options.recoverAfterMs });
    }
    this.#server = createPublicServer(options, {
      request: (req, res, upgrade) => {
        const routing = { table: this.#table, synced: deps.routes.synced };
        receive(this.#context, routing, { req, res, upgrade });
      },
      clientError: (status) => {
        this.#context.recorder.clientError(status);
      },
    });
  }

  async start(): Promise<number> {
    const { routes, stream, log } = this.#deps;
    const { options } = this.#context;
    routes.subscribe({
      changed: (all) => {
        this.#table = new RoutingTable(all, this.#deps.hosts);
        this.#context.recorder.keep(new Set(all.map(({ key }) => key)));
      },
      reached: (resourceVersion) => {
        this.#session.routes(resourceVersion);
      },
    });
    stream?.start(this.#session);
    this.#recovery?.start();
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(options.port, options.host, resolve);
    });
    this.#stopTicking = startTicking(
      this.#context,
      { endpoints: this.#endpoints, watch: this.#watch },
      {
        everyMs: LEVEL_MS,
        run: () => {
          this.#session.level();
        },
      },
    );
    const { port } = this.#server.address() as AddressInfo;
    log.info('gateway accepts requests', { host: options.host, port });
    return port;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  unready(): string | undefined {
    if (this.#context.draining) return 'draining';
    if (!this.#server.listening) return 'not listening';
    if (!this.#deps.routes.synced) return 'the Functions are not known yet';
    const { stream, boundVms } = this.#deps;
    if (stream === undefined && boundVms === undefined) return undefined;
    const known = this.#endpoints.known || this.#recovery?.done === true;
    return known ? undefined : 'the endpoints are not known yet';
  }

  applications(): unknown {
    return describeApplications(this.#context, this.#endpoints);
  }

  async #stop(): Promise<void> {
    const { clock, log, stream, accessLog } = this.#deps;
    this.#recovery?.stop();
    await drain(this.#context, this.#server, { clock, log });
    this.#stopTicking();
    this.#watch.stop();
    await this.#asker.close();
    await stream?.close();
    for (const vm of this.#endpoints.all()) vm.closeIdle(Infinity);
    await accessLog?.close();
  }
}
