import { SEGMENT, withElf } from './reader.ts';

/**
 * What OSv's build reserves for the program's thread-local storage if it is not told
 * otherwise. More than that lies over variables of the kernel's own, in every thread.
 */
const RESERVED_BYTES = 512;

/** A warning if `program` needs a kernel that was built for it; undefined if any will do. */
export async function tlsWarning(program: string): Promise<string | undefined> {
  const bytes = await withElf(program, ({ segments }) =>
    Promise.resolve(segments.find(({ type }) => type === SEGMENT.tls)?.memorySize ?? 0),
  );
  if (bytes <= RESERVED_BYTES) return undefined;
  return (
    `warning: ${program} has ${bytes} bytes of thread-local storage, so it needs a kernel built with ` +
    `app_local_exec_tls_size=${bytes} or more; others say so at boot (docs/image.md)`
  );
}
