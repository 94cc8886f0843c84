import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AGENT_PORT } from '../../../../api/group.ts';
import type { Supervision } from '../../../supervision/supervision.ts';
import { escape, NETDEV } from '../arguments.ts';
import { GUEST_NETWORK, type Link, type Network } from './network.ts';

const LISTEN_MS = 5_000;
const POLL_MS = 3;
const HELP_MS = 2_000;

export interface PasstOptions {
  readonly program: string;
  readonly supervision: Supervision;
  /** Folder of sockets that passt may write to, short enough for a socket's path. */
  readonly folder: string;
}

/**
 * passt beside each guest: it listens at the guest's address with a backlog, hands out
 * addresses by DHCP, carries what the guest sends, and needs no privileges (docs/adr/0019).
 */
export class PasstNetwork implements Network {
  readonly name = 'passt';
  readonly #options: PasstOptions;

  constructor(options: PasstOptions) {
    this.#options = options;
  }

  async attach(guest: string, address: string): Promise<Link> {
    const { program, supervision, folder } = this.#options;
    const name = linkName(guest);
    const socket = join(folder, `${address}.sock`);
    const log = join(folder, `${address}.log`);
    supervision.start({ name, file: program, args: passtArguments(socket, address), log });
    const deadline = performance.now() + LISTEN_MS;
    while (!existsSync(socket)) {
      const why = supervision.endOf(name);
      if (why !== undefined) throw new Error(`passt ended with ${why}: ${lastWords(log)}`);
      if (performance.now() > deadline) {
        await supervision.kill(name);
        throw new Error(`passt does not listen after ${LISTEN_MS / 1000} s`);
      }
      await sleep(POLL_MS);
    }
    return {
      netdev: `stream,id=${NETDEV},server=off,addr.type=unix,addr.path=${escape(socket)}`,
      close: () => supervision.kill(name),
    };
  }
}

/** Name of a guest's link among the supervised programs: no VMI can have it. */
export function linkName(guest: string): string {
  return `net/${guest}`;
}

export function passtArguments(socket: string, address: string): string[] {
  return [
    ...['--foreground', '--one-off', '--stderr', '--socket', socket],
    ...['--tcp-ports', `${address}/${AGENT_PORT}`, '--udp-ports', 'none', '--ipv4-only'],
    ...['--address', GUEST_NETWORK.address, '--netmask', String(GUEST_NETWORK.prefix)],
    ...['--gateway', GUEST_NETWORK.router, '--mtu', '1500'],
    // The router is no way to what listens on this host's loopback: there are the operator's ports.
    '--no-map-gw',
    ...['--dns', GUEST_NETWORK.dns, '--dns-forward', GUEST_NETWORK.dns],
  ];
}

/**
 * Whether it lacks an option of September 2024: none without it was seen that does not stall
 * (docs/adr/0019), and old ones cannot tell their version.
 */
export function isOldPasst(program: string): Promise<boolean> {
  return new Promise((resolve) => {
    // It ends with 1 after its help, which older ones print to stderr and newer to stdout.
    execFile(program, ['--help'], { timeout: HELP_MS }, (_error, stdout, stderr) => {
      resolve(!`${stdout}${stderr}`.includes('--map-host-loopback'));
    });
  });
}

/** Its last line; where there is no syslog it complains of that after each of them. */
function lastWords(log: string): string {
  const lines = readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('Failed to send'));
  return lines.at(-1) ?? 'without a word';
}
