import { hostname } from 'node:os';
import type { Command } from 'commander';
import { DEFAULT_OPTIONS, DEFAULT_TIMERS, type GatewayOptions } from '../gateway/options.ts';
import {
  integer,
  hostOptions,
  logOptions,
  option,
  port,
  type HostOptions,
  type LogOptions,
  tokenKeyOptions,
} from './options.ts';

/** As commander gives them; durations in the unit of their name. */
export interface GatewayCliOptions extends LogOptions, HostOptions {
  readonly port: number;
  readonly host: string;
  readonly adminPort: number;
  readonly adminHost: string;
  readonly name: string;
  readonly kubeconfig?: string;
  readonly operatorUrl?: string;
  readonly operatorTokenFile: string;
  readonly tokenKeyFile: string;
  readonly previousTokenKeyFile?: string;
  readonly publicKeyFile: string;
  readonly accessLog?: string;
  readonly queueRequests: number;
  readonly queueBytes: number;
  readonly queueTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  readonly graceMs: number;
  readonly headersTimeoutMs: number;
  readonly bodyIdleTimeoutMs: number;
  readonly keepAliveSeconds: number;
  readonly tunnelIdleSeconds: number;
  readonly tunnelSeconds: number;
  readonly maxConnections: number;
  readonly maxHeaderBytes: number;
  readonly maxBodyBytes: number;
  readonly maxAttempts: number;
  readonly drainGraceSeconds: number;
  readonly drainSeconds: number;
}

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const HOUR_MS = 3_600_000;
const GIB = 1024 ** 3;

export function addGatewayOptions(command: Command): Command {
  const text = (flags: string, description: string, initial?: string): void => {
    command.addOption(option(flags, description).default(initial));
  };
  const number = (
    flags: string,
    description: string,
    initial: number,
    [min, max]: readonly [number, number],
  ): void => {
    command.addOption(option(flags, description).argParser(integer(min, max)).default(initial));
  };
  const { queue, maxConnections } = DEFAULT_OPTIONS;
  command.addOption(
    option('--port <port>', 'public port').argParser(port).default(DEFAULT_OPTIONS.port),
  );
  text('--host <address>', 'public address', DEFAULT_OPTIONS.host);
  command.addOption(
    option('--admin-port <port>', 'port of health, metrics and debug')
      .argParser(port)
      .default(8081),
  );
  text('--admin-host <address>', 'address of health, metrics and debug', '0.0.0.0');
  text('--name <name>', 'name of this gateway, unique among its replicas', hostname());
  text('--kubeconfig <file>', 'how to reach the API server; in a pod its service account');
  text(
    '--operator-url <url>',
    "ws:// or wss:// of the operator's stream; none: serve what is bound",
  );
  text('--operator-token-file <file>', 'bearer token for that stream', SERVICE_ACCOUNT_TOKEN);
  for (const shared of tokenKeyOptions()) command.addOption(shared);
  command.addOption(
    option(
      '--public-key-file <file>',
      "public half of the operator's signing key (PEM, or a certificate of it), which bindings are verified with",
    ).makeOptionMandatory(),
  );
  text('--access-log <file>', 'one line of JSON a request; "-" is standard output; none: no log');
  number('--queue-requests <n>', 'requests that may wait, per application', queue.count, [0, 1e6]);
  number('--queue-bytes <n>', 'bytes that waiting requests may hold', queue.bytes, [0, 64 * GIB]);
  addTimers(number);
  number('--max-connections <n>', 'connections of clients at once', maxConnections, [1, 1e6]);
  number('--max-header-bytes <n>', 'longest head of a request', 16_384, [1_024, 1_048_576]);
  number('--max-body-bytes <n>', 'longest body of a request', GIB, [0, 1024 * GIB]);
  number('--max-attempts <n>', 'VMs that a request is sent to before it fails', 3, [1, 20]);
  number(
    '--drain-grace-seconds <s>',
    'not ready, but still accepting, before the end',
    5,
    [0, 300],
  );
  number('--drain-seconds <s>', 'for what is queued and in flight after that', 30, [0, 3_600]);
  for (const shared of [...hostOptions(), ...logOptions()]) command.addOption(shared);
  return command;
}

type AddNumber = (
  flags: string,
  description: string,
  initial: number,
  range: readonly [number, number],
) => void;

function addTimers(number: AddNumber): void {
  const { queueMs, connectMs, firstByteMs, graceMs, headersMs, bodyIdleMs } = DEFAULT_TIMERS;
  number('--queue-timeout-ms <ms>', 'longest wait for a slot', queueMs, [1, HOUR_MS]);
  number('--connect-timeout-ms <ms>', 'longest wait for a VM to accept', connectMs, [1, 60_000]);
  number(
    '--first-byte-timeout-ms <ms>',
    "longest wait for an answer to begin; 0: the function's timeout alone counts",
    firstByteMs,
    [0, HOUR_MS],
  );
  number('--grace-ms <ms>', "added to the function's timeout for the total", graceMs, [0, 60_000]);
  number('--headers-timeout-ms <ms>', "for the head of a client's request", headersMs, [
    100,
    HOUR_MS,
  ]);
  number('--body-idle-timeout-ms <ms>', 'silence of a client whose body is awaited', bodyIdleMs, [
    1,
    HOUR_MS,
  ]);
  number('--keep-alive-seconds <s>', "for a client's idle connection", 65, [1, 3_600]);
  number(
    '--tunnel-idle-seconds <s>',
    'for which an upgraded connection may be silent',
    600,
    [1, 86_400],
  );
  number('--tunnel-seconds <s>', 'longest life of an upgraded connection', 7_200, [1, 604_800]);
}

export function gatewayOptionsOf(options: GatewayCliOptions): GatewayOptions {
  return {
    ...DEFAULT_OPTIONS,
    name: options.name,
    host: options.host,
    port: options.port,
    queue: { count: options.queueRequests, bytes: options.queueBytes },
    timers: {
      ...DEFAULT_TIMERS,
      queueMs: options.queueTimeoutMs,
      connectMs: options.connectTimeoutMs,
      firstByteMs: options.firstByteTimeoutMs,
      graceMs: options.graceMs,
      headersMs: options.headersTimeoutMs,
      bodyIdleMs: options.bodyIdleTimeoutMs,
      keepAliveMs: options.keepAliveSeconds * 1000,
      tunnelIdleMs: options.tunnelIdleSeconds * 1000,
      tunnelMs: options.tunnelSeconds * 1000,
    },
    maxConnections: options.maxConnections,
    maxHeaderBytes: options.maxHeaderBytes,
    maxBodyBytes: options.maxBodyBytes,
    maxAttempts: options.maxAttempts,
    drainGraceMs: options.drainGraceSeconds * 1000,
    drainMs: options.drainSeconds * 1000,
  };
}
