import { setTimeout as sleep } from 'node:timers/promises';
import type { Binaries } from './binaries/acquire.ts';
import { ControlPlane } from './control-plane.ts';
import { EtcdClient } from './etcd.ts';
import { etcdUrl, serverUrl, type Layout, type Ports } from './flags.ts';
import { HttpsClient } from './https.ts';
import { writeKubeconfig } from './pki/kubeconfig.ts';
import { logTail } from '../supervision/log-tail.ts';
import { preparePki } from './pki/pki.ts';
import { freePorts } from './ports.ts';
import { prepareState, type State } from './state.ts';
import { Supervision } from '../supervision/supervision.ts';

export interface StartOptions {
  readonly binaries: Binaries;
  /** Absolute; kept and used again. Without it a temporary folder, removed in the end. */
  readonly stateDir?: string | undefined;
  /** Remove the given folder too in the end: its servers need no orderly end then. */
  readonly temporary?: boolean | undefined;
  /** A folder around it that is to be removed too, also when this process is killed. */
  readonly removeToo?: string | undefined;
  /** Let etcd wait for the disk at every write; false by default: faster, and safe but for a power cut. */
  readonly fsync?: boolean | undefined;
  readonly progress?: ((line: string) => void) | undefined;
  /**
   * Called with the administrator's kubeconfig when the API server is ready and the
   * controllers are not yet. Custom resources that are installed here are known to the
   * garbage collector at once; later ones only when it looks again, after up to 30 s.
   */
  readonly beforeControllers?: ((kubeconfig: string) => Promise<void>) | undefined;
}

const ATTEMPTS = 3;
const STOP_DEADLINE_MS = 10_000;
const PORT_TAKEN = 'address already in use';

/**
 * Starts etcd, kube-apiserver and kube-controller-manager on free loopback ports
 * and waits until they can be used. Nothing of it outlives this process.
 * @throws Error with the end of the log of the server that did not start
 */
export async function startControlPlane(options: StartOptions): Promise<ControlPlane> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options);
    } catch (error) {
      // Between finding a free port and using it somebody else may take it.
      const again = attempt < ATTEMPTS && String(error).includes(PORT_TAKEN);
      if (!again) throw error;
      await sleep(100 * attempt);
    }
  }
}

async function startOnce(options: StartOptions): Promise<ControlPlane> {
  const state = await prepareState(options.stateDir, options.temporary);
  const { layout } = state;
  const supervision = await supervise(state, options.removeToo);
  try {
    const [etcd = 0, etcdPeer = 0, apiServer = 0] = await freePorts(3);
    const controlPlane = await assemble(
      options,
      layout,
      { etcd, etcdPeer, apiServer },
      supervision,
    );
    await controlPlane.start(options.progress ?? (() => undefined), options.beforeControllers);
    return controlPlane;
  } catch (error) {
    const logs = await tails(layout);
    await supervision.stop();
    throw new Error(`the control plane did not start: ${String(error)}${logs}`, { cause: error });
  }
}

async function supervise({ layout, temporary }: State, removeToo?: string): Promise<Supervision> {
  const { stateDir, pidFile } = layout;
  const stopDeadlineMs = STOP_DEADLINE_MS;
  return Supervision.begin({ stateDir, pidFile, temporary, removeToo, stopDeadlineMs });
}

async function assemble(
  { binaries, fsync = false }: StartOptions,
  layout: Layout,
  ports: Ports,
  supervision: Supervision,
): Promise<ControlPlane> {
  const pki = await preparePki(layout, new Date());
  const endpoint = { server: serverUrl(ports), ca: pki.cluster.certificate.cert };
  writeKubeconfig(layout.kubeconfig, endpoint, { user: 'admin', certificate: pki.admin });
  const manager = { user: 'system:kube-controller-manager', certificate: pki.controllerManager };
  writeKubeconfig(layout.managerKubeconfig, endpoint, manager);
  return new ControlPlane({
    binaries,
    layout,
    ports,
    fsync,
    endpoint,
    authority: pki.cluster,
    supervision,
    etcd: new EtcdClient(new HttpsClient(etcdUrl(ports), pki.etcd.ca, pki.etcd.client)),
    api: new HttpsClient(endpoint.server, endpoint.ca, pki.admin),
  });
}

/** The last lines of every log that there is: they say why. */
async function tails({ logs }: Layout): Promise<string> {
  const names = ['etcd', 'kube-apiserver', 'kube-controller-manager'];
  const texts = await Promise.all(names.map((name) => logTail(logs, name)));
  return names
    .map((name, index) => ({ name, text: texts[index] ?? '' }))
    .filter(({ text }) => text !== '')
    .map(({ name, text }) => `\n--- ${name}.log\n${text}`)
    .join('');
}
