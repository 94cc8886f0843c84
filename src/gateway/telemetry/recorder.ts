import { STATUS_CODES } from 'node:http';
import { accessLine } from './accesslog/line.ts';
import type { LineSink } from './accesslog/writer.ts';
import type { RequestRecord } from './request-record.ts';

/** Upper bounds of the request duration histogram, in seconds. */
export const DURATION_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
] as const;

/** What was counted of one function's requests. */
export interface FunctionStats {
  /** By status code, or the first digit of one that has no name: a function may answer a thousand. */
  readonly codes: Map<number, number>;
  /** Not cumulative; one more than there are bounds. */
  readonly buckets: number[];
  /** Seconds. */
  sum: number;
}

/** Accounts for every request once: figures that are read when somebody scrapes, and a line in the access log. */
export class Recorder {
  /** By `namespace/name`; empty for requests that reached no function. */
  readonly functions = new Map<string, FunctionStats>();
  /** Connections whose bytes never became a request, by status. */
  readonly clientErrors = new Map<number, number>();
  retries = 0;
  readonly #log: LineSink | undefined;

  constructor(log: LineSink | undefined) {
    this.#log = log;
  }

  get dropped(): number {
    return this.#log?.dropped ?? 0;
  }

  record(request: RequestRecord): void {
    const now = performance.now();
    const stats = this.#stats(request.route?.key ?? '');
    const code = countedAs(request.status);
    stats.codes.set(code, (stats.codes.get(code) ?? 0) + 1);
    const seconds = (now - request.arrivedAt) / 1000;
    stats.sum += seconds;
    const bucket = bucketOf(seconds);
    stats.buckets[bucket] = (stats.buckets[bucket] ?? 0) + 1;
    this.#log?.write(accessLine(request, now));
  }

  /** Forgets functions that are no more. @param keys of those that are */
  keep(keys: ReadonlySet<string>): void {
    for (const key of this.functions.keys()) {
      if (key !== '' && !keys.has(key)) this.functions.delete(key);
    }
  }

  clientError(status: number): void {
    this.clientErrors.set(status, (this.clientErrors.get(status) ?? 0) + 1);
  }

  #stats(key: string): FunctionStats {
    let stats = this.functions.get(key);
    if (stats === undefined) {
      const buckets = new Array<number>(DURATION_BUCKETS.length + 1).fill(0);
      this.functions.set(key, (stats = { codes: new Map(), buckets, sum: 0 }));
    }
    return stats;
  }
}

/** 499 is ours: the client left. */
function countedAs(status: number): number {
  return status in STATUS_CODES || status === 499 ? status : Math.floor(status / 100);
}

function bucketOf(seconds: number): number {
  let bucket = 0;
  while (seconds > (DURATION_BUCKETS[bucket] ?? Infinity)) bucket += 1;
  return bucket;
}
