import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { freePorts } from '../../src/local/controlplane/ports.ts';
import { startOsvHost } from '../../test/support/osv-guest.ts';
import { osvImage } from '../../test/support/osv-image.ts';

const SERVER = `require('http').createServer((q,s)=>s.end('ok')).listen(8080)`;
const ARGS = '--rootfs=rofs --console=serial --power-off-on-abort --env=TZ=UTC';
const LONGEST_MS = 120_000;

/** Milliseconds from the start of a QEMU, as one types it, to the first answer of a bare Node server in it. */
export async function byHand(kernel: string): Promise<number> {
  const disk = join(await osvImage('node', kernel), 'root.img');
  const [port = 0] = await freePorts(1);
  const folder = await mkdtemp(join(tmpdir(), 'osv-bench-'));
  const consoleLog = join(folder, 'console');
  const words = [
    ...['-machine', 'q35', '-accel', 'tcg,tb-size=32', '-cpu', 'max', '-m', '128'],
    ...['-display', 'none', '-no-reboot', '-nodefaults', '-serial', `file:${consoleLog}`],
    ...['-kernel', kernel, '-append', `${ARGS} --env=UV_USE_IO_URING=0 /node -e "${SERVER}"`],
    ...['-drive', `file=${disk},if=virtio,format=raw,readonly=on`],
    ...['-netdev', `user,id=n0,hostfwd=tcp:127.0.0.1:${port}-:8080`],
    ...['-device', 'virtio-net-pci,netdev=n0,romfile=', '-device', 'virtio-rng-pci'],
  ];
  const began = performance.now();
  const child = spawn('qemu-system-x86_64', words, { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    await firstAnswer(`http://127.0.0.1:${port}/`, consoleLog);
    return performance.now() - began;
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true });
  }
}

/** The same for a guest as `osv-faas local` starts it, its agent's answer; the driver runs already, as there. */
export async function ours(start: 'boot' | 'snapshot'): Promise<number> {
  const host = await startOsvHost({ start });
  try {
    // Its image and its snapshot are there, as for all but the first guest of a pool.
    const first = await host.start();
    await first.stop();
    const began = performance.now();
    const guest = await host.start({ wait: false });
    await guest.up;
    return performance.now() - began;
  } finally {
    await host.stop();
  }
}

/** As the driver does: what connects before the guest has a network hangs, after that it is refused. */
async function firstAnswer(url: string, consoleLog: string): Promise<void> {
  const deadline = performance.now() + LONGEST_MS;
  while (performance.now() < deadline) {
    if (existsSync(consoleLog) && readFileSync(consoleLog, 'utf8').includes('eth0: ')) {
      const answer = await request(url, { reset: true }).catch(() => undefined);
      if (answer !== undefined) return answer.body.dump();
    }
    await sleep(30);
  }
  throw new Error(`${url}: no answer within ${LONGEST_MS / 1000} s`);
}
