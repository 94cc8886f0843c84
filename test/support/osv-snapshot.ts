/** Saves a guest of OSv in QEMU to a file and restores others from it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, createWriteStream, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AGENT_ENV, TEMPLATE_ID } from '../../src/api/agent-protocol.ts';
import { AGENT_PORT } from '../../src/api/group.ts';
import { freePorts } from '../../src/local/controlplane/ports.ts';
import { NETDEV, qemuArguments } from '../../src/local/drivers/qemu/arguments.ts';
import { readImage } from '../../src/local/drivers/qemu/image.ts';
import type { Machine } from '../../src/local/drivers/qemu/machine.ts';
import { Qmp } from '../../src/local/drivers/qemu/qmp.ts';
import { eventually } from './agent.ts';
import { osvImage } from './osv-image.ts';
import { OSV_KERNEL } from './osv.ts';

export interface Clone {
  readonly host: string;
  readonly port: number;
  readonly qmp: Qmp;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const START_MS = 60_000;
const MACHINE: Machine = {
  name: 'template',
  type: 'q35',
  memoryMib: 128,
  cores: 1,
  cpuModel: undefined,
  start: {
    kind: 'kernel',
    kernelArgs: [
      '--rootfs=rofs --console=serial --power-off-on-abort --env=TZ=UTC --env=UV_USE_IO_URING=0 --env=UV_THREADPOOL_SIZE=1',
      `--env=${AGENT_ENV.vmId}=${TEMPLATE_ID} --env=${AGENT_ENV.port}=${AGENT_PORT}`,
      '/node --v8-pool-size=1 --max-old-space-size=32 /agent/main.js',
    ].join(' '),
  },
  randomness: true,
  macAddress: undefined,
};

/** Guests of one image and one folder; `end` stops them all. */
export class SnapshotHost {
  readonly #folder: string;
  readonly #image: { readonly kernel: string; readonly disk: string };
  readonly #guests: Clone[] = [];

  private constructor(folder: string, image: { kernel: string; disk: string }) {
    this.#folder = folder;
    this.#image = image;
  }

  static async begin(): Promise<SnapshotHost> {
    if (OSV_KERNEL === undefined) throw new Error('OSV_KERNEL names no kernel');
    const image = await readImage(await osvImage('node', OSV_KERNEL), OSV_KERNEL);
    return new SnapshotHost(await mkdtemp(join(tmpdir(), 'osv-snapshot-')), image);
  }

  async end(): Promise<void> {
    await Promise.all(this.#guests.map((guest) => guest.stop()));
    await rm(this.#folder, { recursive: true, force: true });
  }

  boot(): Promise<Clone> {
    return this.#start(undefined);
  }

  /** Stops `guest` for good and keeps its memory in a file. */
  async save(guest: Clone): Promise<string> {
    const file = join(this.#folder, 'saved');
    const socket = join(this.#folder, 'saving');
    // Its sandbox lets QEMU start no program that would write the file.
    const server = createServer().listen(socket);
    const written = once(server, 'connection').then(([from]) =>
      pipeline(from as Socket, createWriteStream(file)),
    );
    await guest.qmp.run('stop');
    await guest.qmp.run('migrate', { uri: `unix:${socket}` });
    await written;
    server.close();
    await eventually(async () => {
      const { status } = (await guest.qmp.run('query-migrate')) as { readonly status: string };
      if (status === 'failed') throw new Error('QEMU could not save the guest');
      return status === 'completed';
    }, START_MS);
    await guest.stop();
    return file;
  }

  async restore(file: string): Promise<Clone> {
    const clone = await this.#start(file);
    await eventually(async () => {
      const { status } = (await clone.qmp.run('query-status')) as { readonly status: string };
      return status !== 'inmigrate';
    }, START_MS);
    await clone.qmp.run('cont');
    return clone;
  }

  async #start(file: string | undefined): Promise<Clone> {
    const [port = 0] = await freePorts(1);
    const at = (name: string): string => join(this.#folder, `${port}.${name}`);
    const args = qemuArguments(MACHINE, {
      accelerator: 'tcg',
      ...this.#image,
      console: at('console'),
      qmpSocket: at('qmp'),
      netdev: `user,id=${NETDEV},hostfwd=tcp:${HOST}:${port}-:${AGENT_PORT}`,
      restore: file,
    });
    const fd = file === undefined ? 'ignore' : openSync(file, 'r');
    const child = spawn('qemu-system-x86_64', args, { stdio: ['ignore', 'ignore', 'inherit', fd] });
    if (fd !== 'ignore') closeSync(fd);
    const guest = await this.#guestOf(child, port, at('qmp'));
    this.#guests.push(guest);
    return guest;
  }

  async #guestOf(child: ChildProcess, port: number, socket: string): Promise<Clone> {
    const ended = once(child, 'close');
    const stop = async (): Promise<void> => {
      child.kill('SIGKILL');
      await ended;
    };
    try {
      const qmp = await Qmp.open(socket, AbortSignal.timeout(START_MS));
      return { host: HOST, port, qmp, stop };
    } catch (error) {
      await stop();
      throw error;
    }
  }
}
