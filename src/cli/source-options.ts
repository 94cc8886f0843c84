import type { Option } from 'commander';
import { networksIn, serviceNetworks, SourceNetworks } from '../operator/sources/networks.ts';
import { SourceProblem } from '../operator/sources/problem.ts';
import { messageOf } from '../runtime/errors.ts';
import type { KubeClient } from '../runtime/kube.ts';
import { option } from './options.ts';

export interface SourceOptions {
  readonly sourceAllow: string;
  readonly sourceDeny: string;
}

/** Which networks archives may be downloaded from. */
export function sourceOptions(): Option[] {
  return [
    option(
      '--source-allow <networks>',
      'networks, separated by commas, that sources may come from although they are denied otherwise',
    ).default(''),
    option(
      '--source-deny <networks>',
      'further networks that no source comes from; loopback, link-local, metadata addresses and Services are denied anyway',
    ).default(''),
  ];
}

/** @throws Error naming the option and what is wrong in it */
export function sourceNetworks(
  options: SourceOptions,
  client: KubeClient,
): () => Promise<SourceNetworks> {
  const allow = checked('--source-allow', options.sourceAllow);
  const deny = checked('--source-deny', options.sourceDeny);
  return async () => {
    const services = await serviceNetworks(client).catch((cause: unknown) => {
      const detail = `the networks of Services, which are denied, are not known: ${messageOf(cause)}`;
      throw new SourceProblem('DownloadFailed', detail, { cause });
    });
    return new SourceNetworks({ allow, deny: [...deny, ...services, ...ownApiServer()] });
  };
}

function checked(name: string, text: string): readonly string[] {
  const networks = networksIn(text);
  try {
    new SourceNetworks({ allow: networks, deny: [] });
  } catch (cause) {
    throw new Error(`${name}: ${messageOf(cause)}`, { cause });
  }
  return networks;
}

/** A pod is told where the API server is; older clusters say nothing else of the network of Services. */
function ownApiServer(): readonly string[] {
  const { KUBERNETES_SERVICE_HOST: host } = process.env;
  if (host === undefined) return [];
  return [`${host}/${host.includes(':') ? 128 : 32}`];
}
