import type { Runtime } from './osv.ts';

/** Folder of the image that tests of a runtime boot; `OSV_IMAGE_NODE` and the like name one that is there already. */
export function osvImage(runtime: Runtime, _kernel: string): Promise<string> {
  const given = process.env[`OSV_IMAGE_${runtime.toUpperCase()}`];
  if (given === undefined) throw new Error('no image');
  return Promise.resolve(given);
}
