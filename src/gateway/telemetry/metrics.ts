import { Counter, Gauge, Histogram, type Metric, type Registry } from '@prometheus-io/client';
import type { Application } from '../capacity/application.ts';
import type { GatewayContext } from '../context.ts';
import { DURATION_BUCKETS, type FunctionStats } from './recorder.ts';

const PREFIX = 'osv_faas_gateway_';

export interface MetricsSource {
  readonly context: GatewayContext;
  readonly operatorUp: () => boolean;
}

export interface ColdStartMetric {
  /** @param phases milliseconds by phase */
  observe(phases: Readonly<Record<string, number>>): void;
}

/** Registers the gateway's metrics: all but the cold starts are read from plain figures at scrape time. */
export function registerMetrics(registry: Registry, source: MetricsSource): ColdStartMetric {
  registerRequests(registry, source.context);
  registerApplications(registry, source.context);
  registerTotals(registry, source);
  const phases = new Histogram({
    name: `${PREFIX}cold_start_seconds`,
    help: 'Phases of binding a VM to an application, as the operator reports them.',
    labelNames: ['phase'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  return {
    observe(durations) {
      for (const [phase, ms] of Object.entries(durations)) phases.observe({ phase }, ms / 1000);
    },
  };
}

function registerRequests(registry: Registry, { recorder }: GatewayContext): void {
  new Counter({
    name: `${PREFIX}requests_total`,
    help: 'Requests that are over, by function (empty: none) and status code (499: the client left; 2xx and so on: a code that has no name).',
    labelNames: ['function', 'code'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [name, { codes }] of recorder.functions) {
        for (const [code, count] of codes) {
          this.inc({ function: name, code: code < 10 ? `${code}xx` : code }, count);
        }
      }
    },
  });
  new Counter({
    name: `${PREFIX}client_errors_total`,
    help: 'Connections whose bytes never became a request, by status code.',
    labelNames: ['code'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [code, count] of recorder.clientErrors) this.inc({ code }, count);
    },
  });
  registry.registerMetric(durationMetric(() => recorder.functions));
}

/** A histogram that is filled when it is read; the library's own would cost a microsecond a request. */
function durationMetric(functions: () => ReadonlyMap<string, FunctionStats>): Metric {
  const name = `${PREFIX}request_seconds`;
  const help = 'From the head of a request to the end of its answer, time in the queue included.';
  const metric = {
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    get: () => {
      const values = [...functions()].flatMap(([key, stats]) => histogramValues(name, key, stats));
      return Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values });
    },
    reset: () => undefined,
  };
  return metric as unknown as Metric;
}

function histogramValues(name: string, key: string, stats: FunctionStats): unknown[] {
  const values: unknown[] = [];
  let count = 0;
  stats.buckets.forEach((inBucket, index) => {
    count += inBucket;
    const le = DURATION_BUCKETS[index] ?? '+Inf';
    values.push({ metricName: `${name}_bucket`, labels: { le, function: key }, value: count });
  });
  values.push({ metricName: `${name}_sum`, labels: { function: key }, value: stats.sum });
  values.push({ metricName: `${name}_count`, labels: { function: key }, value: count });
  return values;
}

function registerApplications(registry: Registry, { dispatcher }: GatewayContext): void {
  const gauge = (
    name: string,
    help: string,
    read: (application: Application, now: number) => number,
  ): void => {
    new Gauge({
      name: PREFIX + name,
      help,
      labelNames: ['application'],
      registers: [registry],
      collect() {
        this.reset();
        const now = performance.now();
        for (const [id, application] of dispatcher.applications) {
          this.set({ application: id }, read(application, now));
        }
      },
    });
  };
  gauge('in_flight', 'Requests that hold a slot.', ({ inFlight }) => inFlight);
  gauge('queue_depth', 'Requests that wait for a slot.', ({ queue }) => queue.length);
  gauge(
    'queue_oldest_seconds',
    'How long the oldest of them has waited.',
    (application, now) => application.oldestWaitMs(now) / 1000,
  );
  gauge('endpoints', 'VMs that get requests.', ({ vms }) => vms.size);
}

function registerTotals(registry: Registry, { context, operatorUp }: MetricsSource): void {
  const { dispatcher, recorder } = context;
  const counter = (name: string, help: string, read: () => number): void => {
    new Counter({
      name: PREFIX + name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  counter('retries_total', 'Requests that were sent again.', () => recorder.retries);
  counter('quarantines_total', 'Times that a VM was given a rest.', () => dispatcher.quarantines);
  counter('access_log_dropped_total', 'Access log lines that were lost.', () => recorder.dropped);
  new Counter({
    name: `${PREFIX}admissions_total`,
    help: 'Requests to known functions, by what happened at the door: dispatched, queued, refused.',
    labelNames: ['result'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [result, count] of Object.entries(dispatcher.admissions)) {
        this.inc({ result }, count);
      }
    },
  });
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name: PREFIX + name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  };
  gauge('queue_bytes', 'Bytes that waiting requests hold.', () => dispatcher.queuedBytes);
  gauge('operator_up', '1 while the stream to the operator stands.', () => Number(operatorUp()));
}
