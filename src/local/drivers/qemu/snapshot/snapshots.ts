import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../../runtime/errors.ts';
import type { Logger } from '../../../../runtime/log.ts';
import type { QemuGuest } from '../guest.ts';
import type { Qmp } from '../qmp.ts';
import { untilWarm } from './restore.ts';
import type { Template } from './template.ts';

const POLL_MS = 20;

/** Boots the template under this name, like any guest. */
export type Boot = (name: string) => QemuGuest;

export interface SnapshotOptions {
  /** Folder of the saved guests. */
  readonly folder: string;
  /** Folder for a socket. */
  readonly sockets: string;
  readonly log: Logger;
}

/** Templates, each booted and saved once. */
export class Snapshots {
  readonly #options: SnapshotOptions;
  readonly #saved = new Map<string, Promise<string | undefined>>();

  constructor(options: SnapshotOptions) {
    this.#options = options;
  }

  /** File of a saved guest; undefined where saving failed: those boot. */
  fileOf(template: Template, boot: Boot): Promise<string | undefined> {
    const known = this.#saved.get(template.key);
    if (known !== undefined) return known;
    const saved = this.#save(boot, String(this.#saved.size + 1)).catch((error: unknown) => {
      this.#options.log.warn('no snapshot: guests boot', { why: messageOf(error) });
      return undefined;
    });
    this.#saved.set(template.key, saved);
    return saved;
  }

  /** Restored guests of this kind do not work: the next ones boot. */
  forget(template: Template, why: string): void {
    this.#options.log.warn('no more restores: guests boot', { why });
    this.#saved.set(template.key, Promise.resolve(undefined));
  }

  async #save(boot: Boot, number: string): Promise<string> {
    const { folder, sockets } = this.#options;
    const file = join(folder, number);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // No VMI can have such a name.
    const guest = boot(`~template-${number}`);
    try {
      const ended = guest.ended.then(({ detail }) => {
        throw new Error(`the template has ended: ${detail}`);
      });
      await Promise.race([guest.up, ended]);
      await Promise.race([untilWarm(guest.ipAddress, guest.signal), ended]);
      await writeTo(file, join(sockets, `saving-${number}`), await guest.qmp);
      return file;
    } finally {
      await guest.kill();
    }
  }
}

/** Its sandbox lets QEMU start no program that would write the file: what it sends, we write. */
async function writeTo(file: string, socket: string, qmp: Qmp): Promise<void> {
  const server = createServer().listen(socket);
  try {
    const written = once(server, 'connection').then(([from]) =>
      pipeline(from as Socket, createWriteStream(file, { mode: 0o600 })),
    );
    await qmp.run('stop');
    await qmp.run('migrate', { uri: `unix:${socket}` });
    await written;
    await completed(qmp);
  } finally {
    server.close();
    await rm(socket, { force: true });
  }
}

async function completed(qmp: Qmp): Promise<void> {
  for (;;) {
    const { status } = (await qmp.run('query-migrate')) as { readonly status: string };
    if (status === 'completed') return;
    if (status === 'failed') throw new Error('QEMU could not save the guest');
    await sleep(POLL_MS);
  }
}
