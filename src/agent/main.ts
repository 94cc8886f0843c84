import { createAgent } from './agent.ts';
import { readConfig } from './config.ts';
import { createLog } from './host/log.ts';

const log = createLog(1024);

function main(): void {
  const config = readConfig(process.env);
  const server = createAgent(config);
  server.once('error', (error) => {
    log.error('the agent cannot listen', { error });
    process.exit(1);
  });
  server.listen(config.port, config.host, () => {
    log.info('the agent listens', { address: server.address(), vmId: config.vmId });
  });
}

try {
  main();
} catch (error) {
  log.error('the agent cannot start', { error });
  // Code that ends by itself would leave an OSv guest hanging.
  process.exit(1);
}
