import type { Logger } from '../../runtime/log.ts';
import { chooseDriver, type DriverName } from './choose.ts';
import type { Driver } from './driver.ts';
import { ProcessDriver } from './process.ts';
import type { HostPrograms } from './programs.ts';
import { findAccelerator } from './qemu/accelerator.ts';
import type { Accelerator } from './qemu/arguments.ts';
import { Images, readImage, type ImageBuilder } from './qemu/image.ts';
import { kernelRange } from './qemu/kernel.ts';
import { findProgram } from './qemu/programs.ts';
import { QemuDriver } from './qemu/qemu.ts';

export { DRIVER_NAMES, type DriverName } from './choose.ts';
export type { Accelerator } from './qemu/arguments.ts';

/** What a VM is to be on this machine, and what that needs. */
export interface DriverSettings {
  readonly name: DriverName;
  readonly kernel?: string | undefined;
  /** Folders of images by the reference that VMIs have. */
  readonly images?: ReadonlyMap<string, string>;
  readonly buildImage?: ImageBuilder;
  /** For Java guests as processes. */
  readonly java?: HostPrograms['java'];
  /** For native guests as processes. */
  readonly native?: HostPrograms['native'];
  /** Undefined takes what works. */
  readonly accelerator?: Accelerator | undefined;
  readonly start?: 'boot' | 'snapshot';
}

export interface DriverParts {
  readonly stateDir: string;
  readonly log: Logger;
}

/** A driver that can begin: what it needs is there. */
export interface PreparedDriver {
  /** Why this one; undefined when it was asked for. */
  readonly why: string | undefined;
  begin(parts: DriverParts): Promise<Driver>;
}

/** @throws Error when what was asked for is not to be had; nothing is started yet */
export async function prepareDriver(settings: DriverSettings): Promise<PreparedDriver> {
  const qemu = await findProgram('qemu-system-x86_64');
  const { name: asked, kernel, images = new Map<string, string>() } = settings;
  const choice = chooseDriver(asked, { qemu, kernel, images: images.size > 0 });
  const { why } = choice;
  if (choice.name === 'process' || qemu === undefined) {
    const { java, native } = settings;
    return { why, begin: (parts) => ProcessDriver.begin({ ...parts, java, native }) };
  }
  await check(kernel, images);
  const options = {
    images: new Images({ kernel, folders: images, build: settings.buildImage }),
    programs: { qemu, passt: await findProgram('passt') },
    start: settings.start,
    accelerator: settings.accelerator ?? (await findAccelerator()),
  };
  return { why, begin: (parts) => QemuDriver.begin({ ...parts, ...options }) };
}

/** What is wrong with a file is said now, not by the first VM. */
async function check(
  kernel: string | undefined,
  images: ReadonlyMap<string, string>,
): Promise<void> {
  if (kernel !== undefined) await kernelRange(kernel);
  for (const folder of images.values()) {
    const image = await readImage(folder, kernel);
    await kernelRange(image.kernel);
  }
}
