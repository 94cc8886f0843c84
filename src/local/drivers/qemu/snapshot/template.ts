import { AGENT_ENV, TEMPLATE_ID } from '../../../../api/agent-protocol.ts';
import { parseCommandLine } from '../../command-line.ts';
import type { GuestImage } from '../image.ts';
import type { Machine } from '../machine.ts';

export interface GuestName {
  readonly vmId: string;
  readonly publicKey: string;
}

/** A guest that can be saved before it is somebody, and who the one is that it becomes. */
export interface Template {
  /** Its name is of no matter. */
  readonly machine: Machine;
  readonly name: GuestName;
  /** The same for guests that may be restored from the same file. */
  readonly key: string;
}

/**
 * The machine without its identity. Undefined for a guest that cannot be named later: only
 * the Node agent takes a name, and a disk that boots by itself has its own command line.
 */
export function templateOf(machine: Machine, image: GuestImage): Template | undefined {
  const { start } = machine;
  if (start.kind !== 'kernel') return undefined;
  const { env, command } = parseCommandLine(start.kernelArgs);
  const { [AGENT_ENV.vmId]: vmId, [AGENT_ENV.publicKey]: publicKey } = env;
  if (command[0] !== '/node' || vmId === undefined || publicKey === undefined) return undefined;
  const kernelArgs = start.kernelArgs
    .split(' ')
    .filter((word) => !word.startsWith(`--env=${AGENT_ENV.publicKey}=`))
    .map((word) => (word.startsWith(`--env=${AGENT_ENV.vmId}=`) ? TEMPLATE_ENV : word))
    .join(' ');
  const generic: Machine = { ...machine, name: 'template', start: { kind: 'kernel', kernelArgs } };
  const key = JSON.stringify([generic, image.kernel, image.disk]);
  return { machine: generic, name: { vmId, publicKey }, key };
}

const TEMPLATE_ENV = `--env=${AGENT_ENV.vmId}=${TEMPLATE_ID}`;
