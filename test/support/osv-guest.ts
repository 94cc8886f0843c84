/** Agents inside OSv in QEMU, for tests and benchmarks. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AGENT_ENV } from '../../src/api/agent-protocol.ts';
import { AGENT_PORT, LABELS } from '../../src/api/group.ts';
import type { Vmi } from '../../src/api/kubevirt.ts';
import { commandOf, envOf } from '../../src/domain/vmi/kernel-args.ts';
import { identityDisk } from '../../src/domain/vmi/identity.ts';
import type { Guest as RunningGuest } from '../../src/local/drivers/driver.ts';
import { Images } from '../../src/local/drivers/qemu/image.ts';
import { findProgram } from '../../src/local/drivers/qemu/programs.ts';
import { QemuDriver } from '../../src/local/drivers/qemu/qemu.ts';
import type { WatchdogLimits } from '../../src/local/drivers/qemu/watchdog/plan.ts';
import { silentLogger } from '../../src/runtime/log.ts';
import { operatorKeys, type Guest, type LogLine } from './agent.ts';
import { osvImage } from './osv-image.ts';

/** An empty variable names none. */
export const OSV_KERNEL = process.env['OSV_KERNEL'] === '' ? undefined : process.env['OSV_KERNEL'];

/** For disks that boot by BIOS: OSv's build leaves it beside the kernel. */
export const OSV_LOADER = loaderBeside(OSV_KERNEL);

function loaderBeside(kernel: string | undefined): string | undefined {
  const named = process.env['OSV_LOADER'];
  if (named !== undefined && named !== '') return named;
  const beside = kernel === undefined ? undefined : join(dirname(kernel), 'loader.img');
  return beside !== undefined && existsSync(beside) ? beside : undefined;
}

/** Translated code runs 15 to 18 times slower than this machine's. */
export const SLOW = 16;

export type Runtime = 'node' | 'java' | 'native';

export interface HostOptions {
  /** The host's watchdog, where its own patience is too long for a test. */
  readonly watchdog?: WatchdogLimits | undefined;
  readonly start?: 'boot' | 'snapshot';
  /** QEMU's own instead of passt. */
  readonly userNetwork?: boolean;
}

export interface OsvOptions extends HostOptions {
  /** Whose image it boots; Node's by default. */
  readonly runtime?: Runtime;
  /** Folder of an image, in place of the one that is built from this checkout. */
  readonly image?: string;
  /** Starts the image's disk that boots by itself: the guest's variables are those of the image. */
  readonly boot?: 'Bios';
  /** The program and its words, as in the pool's `image.command`. */
  readonly command?: readonly string[];
  readonly memoryMib?: number;
  readonly cores?: number;
  /** Overrides by their variables, such as `GRACE_MS`. */
  readonly limits?: Readonly<Record<string, number>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Further options of the kernel. */
  readonly kernelOptions?: readonly string[];
  /** False: does not wait for the agent's first answer. */
  readonly wait?: boolean;
}

/** A guest and what the host knows of it. */
export interface OsvGuest extends Guest {
  readonly up: RunningGuest['up'];
  readonly ended: RunningGuest['ended'];
  readonly consoleLog: string;
}

const FIRST_ANSWER_MS = 120_000;
const RUNTIMES = { node: 'Node', java: 'Java', native: 'Native' } as const;

/** Boots a guest of its own, with its own QEMU, and waits until its agent answers. */
export async function startOsvGuest(options: OsvOptions = {}): Promise<OsvGuest> {
  const host = await startOsvHost(options);
  try {
    const guest = await host.start(options);
    const stop = (): Promise<void> => host.stop();
    return { ...guest, stop };
  } catch (error) {
    await host.stop();
    throw error;
  }
}

/** A driver that several guests share, as in `osv-faas local`. */
export interface OsvHost {
  start(options?: OsvOptions): Promise<OsvGuest>;
  stop(): Promise<void>;
}

export async function startOsvHost({
  watchdog,
  start,
  userNetwork = false,
}: HostOptions = {}): Promise<OsvHost> {
  if (OSV_KERNEL === undefined) throw new Error('OSV_KERNEL names no kernel');
  const [qemu, passt] = await Promise.all([
    findProgram('qemu-system-x86_64'),
    findProgram('passt'),
  ]);
  if (qemu === undefined) throw new Error('qemu-system-x86_64 is not installed');
  const stateDir = await mkdtemp(join(tmpdir(), 'osv-test-'));
  const folders = new Map<string, string>();
  const driver = await QemuDriver.begin({
    stateDir,
    images: new Images({ kernel: OSV_KERNEL, folders, build: osvImage }),
    programs: { qemu, passt: userNetwork ? undefined : passt },
    accelerator: 'tcg',
    start,
    ...(watchdog === undefined ? {} : { limits: watchdog }),
    log: silentLogger,
  });
  return {
    start: (options = {}) => {
      if (options.image !== undefined) folders.set(options.image, options.image);
      return startOn(driver, options);
    },
    stop: async () => {
      await driver.stop();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

async function startOn(driver: QemuDriver, options: OsvOptions): Promise<OsvGuest> {
  const vmId = crypto.randomUUID();
  const keys = operatorKeys();
  const running = await driver.start(vmiOf(vmId, keys.publicKey, options));
  const guest: OsvGuest = {
    host: running.ipAddress,
    port: AGENT_PORT,
    vmId,
    keys,
    lines: () => linesOf(running.consoleLog),
    up: running.up,
    ended: running.ended,
    consoleLog: running.consoleLog,
    stop: () => running.kill(),
  };
  if (options.wait === false) return guest;
  const ended = running.ended.then(({ detail }) => `has ended: ${detail}`);
  const late = sleep(FIRST_ANSWER_MS, 'does not answer', { ref: false });
  const failure = await Promise.race([running.up, ended, late]);
  if (failure !== undefined) throw new Error(`the guest ${failure}`);
  return guest;
}

function vmiOf(vmId: string, publicKey: string, options: OsvOptions): Vmi {
  const vmi = kernelVmiOf(vmId, publicKey, options);
  if (options.boot === undefined) return vmi;
  const { volume } = identityDisk({ vmId, publicKey });
  const domain = { ...vmi.spec.domain, firmware: {} };
  return { ...vmi, spec: { domain, volumes: [...(vmi.spec.volumes ?? []), volume] } };
}

function kernelVmiOf(vmId: string, publicKey: string, options: OsvOptions): Vmi {
  const { limits = {}, cores = 1, memoryMib = 128, runtime = 'node', kernelOptions = [] } = options;
  const machine = { cpu: { cores }, memory: `${memoryMib}Mi` };
  const env: Readonly<Record<string, string>> = {
    ...envOf(machine),
    [AGENT_ENV.vmId]: vmId,
    [AGENT_ENV.publicKey]: publicKey,
    [AGENT_ENV.port]: String(AGENT_PORT),
    ...Object.fromEntries(
      Object.entries(limits).map(([name, value]) => [`OSV_FAAS_LIMIT_${name}`, String(value)]),
    ),
    ...options.env,
  };
  const words = Object.entries(env).map(
    ([name, value]) => `--env=${name}=${value.replaceAll(' ', '\\ ')}`,
  );
  const kernel = ['--rootfs=rofs', '--console=serial', '--power-off-on-abort', ...kernelOptions];
  const command = options.command ?? commandOf(RUNTIMES[runtime], machine);
  const kernelArgs = [...kernel, ...words, ...command].join(' ');
  return {
    metadata: { name: vmId, namespace: 'tests', uid: vmId, labels: { [LABELS.runtime]: runtime } },
    spec: {
      domain: {
        cpu: machine.cpu,
        memory: { guest: machine.memory },
        devices: { rng: {} },
        firmware: { kernelBoot: { kernelArgs } },
      },
      volumes: [{ name: 'root', containerDisk: { image: options.image ?? 'none' } }],
    },
  };
}

/** The console's lines that are complete. */
function linesOf(file: string): readonly LogLine[] {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map(parse);
}

function parse(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { raw: line };
  }
}
