import { AGENT_ENV } from '../api/agent-protocol.ts';
import { readConfig } from './config.ts';
import { Front } from './front.ts';
import { createLog } from './host/log.ts';
import { identityFromDisk } from './identity/disk.ts';
import { Identity } from './identity/identity.ts';
import { Vm } from './vm.ts';

const log = createLog(1024);
/** Kept from before the agent takes it away from user code. Code that ends by itself would leave an OSv guest hanging. */
const exit = process.exit.bind(process);
/** How long a VM that nobody asks waits before it warms up. */
const UNASKED_MS = 5_000;

function main(): void {
  const named = process.env[AGENT_ENV.vmId] !== undefined;
  const config = readConfig(named ? process.env : { ...identityFromDisk(), ...process.env });
  const identity = new Identity(config.vmId, config.publicKey);
  const vm = new Vm(identity);
  const front = new Front(config.limits, vm, async (server) => {
    const { createAgent } = await import('./agent.ts');
    return createAgent({ config, identity, vm, server });
  });
  front.server.once('error', (error) => {
    log.error('the agent cannot listen', { error });
    exit(1);
  });
  front.server.listen(config.port, config.host, () => {
    log.info('the agent listens', { address: front.server.address(), vmId: vm.id });
    warmUp(front).catch((error: unknown) => {
      log.error('warming up failed; the first invocation will be slower', { error });
      // As warm as it gets: it works, and shall not wait for ever.
      vm.warm = true;
    });
  });
}

/** All that the first invocation would otherwise wait for: the VM is generic and has time, but its first answer comes first. */
async function warmUp(front: Front): Promise<void> {
  const unasked = new Promise((resolve) => setTimeout(resolve, UNASKED_MS).unref());
  await Promise.race([front.answered, unasked]);
  const agent = await front.load();
  await agent.warmUp();
}

try {
  main();
} catch (error) {
  log.error('the agent cannot start', { error });
  exit(1);
}
