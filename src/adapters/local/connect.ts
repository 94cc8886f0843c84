import type { Vmi } from '../../api/kubevirt.ts';
import { VMIS } from '../../api/types.ts';
import type { Connection } from '../../local/local.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import { RestClient } from '../kube/client.ts';
import { loadKubeConfig } from '../kube/config.ts';
import { WatchingInformer } from '../kube/informer.ts';
import { Transport } from '../kube/transport.ts';

/** Connects to a local control plane; the informer is not started. */
export function connector(clock: Clock, log: Logger): (kubeconfig: string) => Connection {
  return (kubeconfig) => {
    const transport = new Transport(loadKubeConfig(kubeconfig), clock);
    const client = new RestClient(transport, clock);
    const shared = { transport, client, clock, log };
    return {
      client,
      vmis: new WatchingInformer<Vmi>({ ...shared, resource: VMIS }),
      close: () => transport.close(),
    };
  };
}
