/**
 * The gateway as the command runs it, but for Kubernetes: routes and endpoints come from
 * here, by the ports that a test uses. Started as a process of its own, to be measured.
 */
import { Registry } from '@prometheus-io/client';
import { startAdmin } from '../../src/adapters/http/admin.ts';
import { createLogger } from '../../src/adapters/logging/winston.ts';
import { deriveToken } from '../../src/adapters/tokens.ts';
import type { Route } from '../../src/domain/routing/route.ts';
import { BufferedLines } from '../../src/gateway/telemetry/accesslog/writer.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import { OperatorStream } from '../../src/gateway/control/stream.ts';
import { DEFAULT_OPTIONS } from '../../src/gateway/options.ts';
import { systemClock } from '../../src/runtime/clock.ts';

export interface Setting {
  readonly port: number;
  readonly adminPort: number;
  readonly operatorUrl: string;
  readonly accessLog: string;
  readonly route: Route;
}

const setting = JSON.parse(process.argv[2] ?? '') as Setting;
const log = createLogger({ level: 'info', format: 'json', component: 'gateway' });
const registry = new Registry();
const key = Buffer.alloc(32, 1);
const gateway = createGateway(
  {
    routes: {
      synced: true,
      subscribe(listener) {
        listener.changed([setting.route]);
      },
    },
    tokenOf: (vmId, application) => deriveToken(key, vmId, application),
    registry,
    clock: systemClock,
    log,
    stream: new OperatorStream({
      url: setting.operatorUrl,
      gateway: 'bench',
      bearer: () => Promise.resolve('bench'),
      clock: systemClock,
      log,
    }),
    accessLog: await BufferedLines.open(setting.accessLog),
  },
  { ...DEFAULT_OPTIONS, host: '127.0.0.1', port: setting.port, drainGraceMs: 0, drainMs: 1_000 },
);
const admin = await startAdmin({
  host: '127.0.0.1',
  port: setting.adminPort,
  registry,
  log,
  unready: () => gateway.unready(),
});
await gateway.start();
process.once('SIGTERM', () => {
  void gateway.stop().then(() => {
    admin.close();
    admin.closeAllConnections();
  });
});
