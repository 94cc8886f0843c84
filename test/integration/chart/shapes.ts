/** The parts of rendered objects that the tests look at. */
import type { KubeObject } from '../../../src/runtime/kube.ts';

export interface SecretItem {
  readonly key: string;
  readonly path: string;
}

export interface Volume {
  readonly name: string;
  readonly secret?: { readonly secretName: string; readonly items: readonly SecretItem[] };
  readonly projected?: {
    readonly sources: readonly {
      readonly serviceAccountToken: { readonly audience: string; readonly path: string };
    }[];
  };
}

export interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

export interface PodSpec {
  readonly serviceAccountName: string;
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly [Container];
  readonly volumes: readonly Volume[];
}

type Labels = Readonly<Record<string, string>>;

export interface Deployment extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly strategy: object;
    readonly selector: { readonly matchLabels: Labels };
    readonly template: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec };
  };
}

export interface Service extends KubeObject {
  readonly spec: {
    readonly type: string;
    readonly selector: Labels;
    readonly ports: readonly { readonly port: number; readonly targetPort: string }[];
  };
}

interface Peer {
  readonly podSelector?: { readonly matchLabels: Labels };
  readonly namespaceSelector?: { readonly matchLabels: Labels };
}

export interface NetworkPolicy extends KubeObject {
  readonly spec: {
    readonly podSelector: { readonly matchLabels: Labels };
    readonly policyTypes: readonly string[];
    readonly ingress: readonly {
      readonly from?: readonly Peer[];
      readonly ports: readonly { readonly port: string | number }[];
    }[];
  };
}

interface Kinds {
  readonly Deployment: Deployment;
  readonly NetworkPolicy: NetworkPolicy;
  readonly PodMonitor: KubeObject;
  readonly Service: Service;
  readonly ServiceAccount: KubeObject;
}

/** @throws Error when there is no such object */
export function find<K extends keyof Kinds>(
  objects: readonly KubeObject[],
  kind: K,
  name: string,
): Kinds[K] {
  const found = objects.find((one) => one.kind === kind && one.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name} is rendered`);
  return found as Kinds[K];
}

/** Value of `--name=value`. */
export function argument({ args }: Container, name: string): string | undefined {
  return args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
}
