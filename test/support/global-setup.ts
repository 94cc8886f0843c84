import { startControlPlane, type ControlPlane } from '../../src/local/controlplane/index.ts';
import { installAll } from './connect.ts';
import { testBinaries } from './paths.ts';

/** Read by cluster.ts in the workers, which inherit the environment. */
export const CLUSTER_VARIABLE = 'OSV_FAAS_TEST_CLUSTER';

export interface SharedCluster {
  readonly kubeconfig: string;
  readonly kubectl: string;
  readonly stateDir: string;
}

/** One control plane for all integration tests of a run; jest calls this only when there are some. */
export default async function setUp(): Promise<void> {
  const progress = (line: string): void => {
    process.stderr.write(`control plane: ${line}\n`);
  };
  const binaries = await testBinaries(progress);
  const controlPlane = await startControlPlane({ binaries, beforeControllers: installAll });
  keep(controlPlane);
  const { kubeconfig, kubectl, stateDir } = controlPlane;
  const shared: SharedCluster = { kubeconfig, kubectl, stateDir };
  process.env[CLUSTER_VARIABLE] = JSON.stringify(shared);
}

/** For the tear-down, which runs in this process too but loads its own modules. */
function keep(controlPlane: ControlPlane): void {
  Object.assign(globalThis, { osvFaasTestControlPlane: controlPlane });
}
