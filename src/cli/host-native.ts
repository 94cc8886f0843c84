import { nativeAgent } from '../image/native/build.ts';
import type { HostNative } from '../local/drivers/programs.ts';

/** The native agent, built when a guest needs it. */
export function hostNative(cacheDir: string, progress: (line: string) => void): HostNative {
  let built: Promise<string> | undefined;
  return () => {
    built ??= nativeAgent({ cacheDir, progress }).then(({ agent }) => agent);
    // A failure is not kept: Go may be installed meanwhile.
    built.catch(() => (built = undefined));
    return built;
  };
}
