import { RestClient } from '../../src/adapters/kube/client.ts';
import { loadKubeConfig } from '../../src/adapters/kube/config.ts';
import { Transport } from '../../src/adapters/kube/transport.ts';
import { installCrds } from '../../src/local/controlplane/index.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { crdFiles } from './paths.ts';

export interface Connection {
  readonly transport: Transport;
  readonly client: RestClient;
}

/** The production client for the current context of a kubeconfig file. Close its transport. */
export function connect(kubeconfig: string): Connection {
  const transport = new Transport(loadKubeConfig(kubeconfig), systemClock);
  return { transport, client: new RestClient(transport, systemClock) };
}

/** Our custom resources and KubeVirt's. */
export async function installAll(kubeconfig: string): Promise<void> {
  const { transport, client } = connect(kubeconfig);
  await installCrds(client, crdFiles());
  await transport.close();
}
