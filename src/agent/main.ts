import { createAgent } from './agent.ts';
import { readConfig } from './config.ts';
import { createLog } from './host/log.ts';
import { identityFromDisk } from './identity/disk.ts';

const log = createLog(1024);
/** Kept from before the agent takes it away from user code. Code that ends by itself would leave an OSv guest hanging. */
const exit = process.exit.bind(process);

function main(): void {
  const config = readConfig({ ...identityFromDisk(), ...process.env });
  const agent = createAgent(config);
  const { server, watchdog } = agent;
  server.once('error', (error) => {
    log.error('the agent cannot listen', { error });
    exit(1);
  });
  server.listen(config.port, config.host, () => {
    log.info('the agent listens', { address: server.address(), vmId: config.vmId });
    // All that the first invocation would otherwise wait for; the VM is generic and has time.
    setImmediate(() => {
      watchdog.start();
      agent.warmUp().catch((error: unknown) => {
        log.error('warming up failed; the first invocation will be slower', { error });
      });
    });
  });
}

try {
  main();
} catch (error) {
  log.error('the agent cannot start', { error });
  exit(1);
}
