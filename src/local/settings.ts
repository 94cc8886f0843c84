import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeClient } from '../runtime/kube.ts';
import { ACCOUNTS, SYSTEM_NAMESPACE } from './accounts.ts';
import {
  requestToken,
  serviceAccountKubeconfig,
  type ControlPlane,
  type ServiceAccount,
} from './controlplane/index.ts';
import { freePorts } from './controlplane/ports.ts';
import { prepareKeys, type KeyFiles } from './keys.ts';
import type { ServiceName } from './services.ts';

export interface ServiceOptions {
  /** Audience of the gateway's token for the operator. */
  readonly streamAudience: string;
  /** Public port of the gateway; any free one when 0. */
  readonly port: number;
  /** Further arguments of the gateway's command. */
  readonly gatewayArgs?: readonly string[];
  /** How long an agent may take to answer the operator. */
  readonly agentCallSeconds?: number;
}

const AGENT_CALL_SECONDS = 2;

export interface ServiceSettings {
  readonly args: Readonly<Record<ServiceName, readonly string[]>>;
  readonly adminUrls: Readonly<Record<ServiceName, string>>;
  readonly gatewayUrl: string;
}

/** Both run under their own service accounts, on loopback ports that stay the same over restarts. */
export async function serviceSettings(
  options: ServiceOptions,
  { controlPlane, stateDir }: { readonly controlPlane: ControlPlane; readonly stateDir: string },
  client: KubeClient,
): Promise<ServiceSettings> {
  const [stream = 0, operatorAdmin = 0, gatewayAdmin = 0, free = 0] = await freePorts(4);
  const port = options.port === 0 ? free : options.port;
  const keys = prepareKeys(join(stateDir, 'keys'));
  const tokenFile = join(stateDir, 'keys', 'stream.token');
  writeFileSync(
    tokenFile,
    await requestToken(client, accountOf('gateway'), [options.streamAudience]),
    { mode: 0o600 },
  );
  const kubeconfigs = {
    operator: await serviceAccountKubeconfig(controlPlane, client, accountOf('operator')),
    gateway: await serviceAccountKubeconfig(controlPlane, client, accountOf('gateway')),
  };
  const operator = {
    ...shared(kubeconfigs.operator, operatorAdmin, keys),
    port: stream,
    'agent-call-seconds': options.agentCallSeconds ?? AGENT_CALL_SECONDS,
    // What runs on this machine is its user's own.
    'source-allow': '127.0.0.0/8,::1/128',
    'signing-key-file': keys.signingKey,
    'gateway-service-account': `${SYSTEM_NAMESPACE}:${ACCOUNTS.gateway}`,
  };
  const gateway = {
    ...shared(kubeconfigs.gateway, gatewayAdmin, keys),
    port,
    name: 'local',
    'operator-url': `ws://127.0.0.1:${stream}`,
    'operator-token-file': tokenFile,
    'public-key-file': keys.publicKey,
    'access-log': join(stateDir, 'access.log'),
    'drain-grace-seconds': 0,
  };
  return {
    args: {
      operator: flags(operator),
      gateway: [...flags(gateway), ...(options.gatewayArgs ?? [])],
    },
    adminUrls: {
      operator: `http://127.0.0.1:${operatorAdmin}`,
      gateway: `http://127.0.0.1:${gatewayAdmin}`,
    },
    gatewayUrl: `http://127.0.0.1:${port}`,
  };
}

function shared(
  kubeconfig: string,
  adminPort: number,
  keys: KeyFiles,
): Record<string, string | number> {
  return {
    kubeconfig,
    host: '127.0.0.1',
    'admin-host': '127.0.0.1',
    'admin-port': adminPort,
    'token-key-file': keys.tokenKey,
  };
}

function flags(options: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(options).map(([name, value]) => `--${name}=${value}`);
}

function accountOf(service: ServiceName): ServiceAccount {
  return { namespace: SYSTEM_NAMESPACE, name: ACCOUNTS[service] };
}
