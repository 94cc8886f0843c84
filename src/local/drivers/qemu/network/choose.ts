import { messageOf } from '../../../../runtime/errors.ts';
import type { Logger } from '../../../../runtime/log.ts';
import type { Supervision } from '../../../supervision/supervision.ts';
import { Addresses } from '../../addresses.ts';
import type { Network } from './network.ts';
import { isOldPasst, PasstNetwork } from './passt.ts';
import { UserNetwork } from './user.ts';

interface NetworkParts {
  readonly programs: { readonly passt: string | undefined };
  readonly supervision: Supervision;
  /** Folder of sockets. */
  readonly folder: string;
  readonly log: Logger;
}

const OLD =
  'this passt is older than September 2024: bodies over 64 KiB may stall for seconds, rarely break off';

/** passt where it works: it may be missing, and it ends on a host without any route to the outside. */
export async function chooseNetwork(parts: NetworkParts): Promise<Network> {
  const { passt: program } = parts.programs;
  if (program === undefined) return new UserNetwork();
  const network = new PasstNetwork({ ...parts, program });
  try {
    const link = await network.attach('trial', new Addresses().take());
    await link.close();
    if (await isOldPasst(program)) parts.log.warn(OLD, { program });
    return network;
  } catch (error) {
    parts.log.warn("passt does not work here: QEMU's own network", { why: messageOf(error) });
    return new UserNetwork();
  }
}
