/** The agent as a child process of this machine's. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AGENT_ENV, CONTROL } from '../../src/api/agent-protocol.ts';
import { freePorts } from '../../src/local/controlplane/ports.ts';
import { eventually, operatorKeys, type Guest, type LogLine } from './agent.ts';
import { request } from './http.ts';

export interface ProcessOptions {
  /** Overrides by their variables, such as `GRACE_MS`. */
  readonly limits?: Readonly<Record<string, number>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
  /** By default the sources, run as they are. */
  readonly script?: string;
  /** A program and its words, in place of Node and the script. */
  readonly command?: readonly string[];
}

const HOST = '127.0.0.1';
const SOURCES = join(import.meta.dirname, '../../src/agent/main.ts');

/** Starts an agent and waits until it answers. */
export async function startProcess(options: ProcessOptions = {}): Promise<Guest> {
  const folder = await mkdtemp(join(tmpdir(), 'agent-test-'));
  const keys = operatorKeys();
  const vmId = crypto.randomUUID();
  const [port = 0] = await freePorts(1);
  const limits = Object.entries(options.limits ?? {}).map(([name, value]): [string, string] => [
    `OSV_FAAS_LIMIT_${name}`,
    String(value),
  ]);
  const node = [process.execPath, ...(options.nodeArgs ?? []), options.script ?? SOURCES];
  const [program = '', ...args] = options.command ?? node;
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      [AGENT_ENV.vmId]: vmId,
      [AGENT_ENV.publicKey]: keys.publicKey,
      [AGENT_ENV.port]: String(port),
      [AGENT_ENV.host]: HOST,
      TMPDIR: folder,
      TZ: 'UTC',
      ...Object.fromEntries(limits),
      ...options.env,
    },
  });
  const lines: LogLine[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => lines.push(parse(line)));
  }
  const ended = once(child, 'close');
  const guest: Guest = {
    host: HOST,
    port,
    vmId,
    keys,
    lines: () => lines,
    ended,
    async stop() {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
  await eventually(() => answers(guest, () => child.exitCode !== null), 20_000);
  return guest;
}

async function answers(guest: Guest, hasEnded: () => boolean): Promise<boolean> {
  if (hasEnded()) {
    throw new Error(`the agent has ended: ${JSON.stringify(guest.lines())}`);
  }
  try {
    return (await request(guest, { path: CONTROL.health })).status === 200;
  } catch {
    return false;
  }
}

function parse(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { raw: line };
  }
}
