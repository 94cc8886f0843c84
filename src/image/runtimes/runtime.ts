import type { FileTree } from '../tree.ts';

/** What `image build` was told that a runtime may want to know. */
export interface RuntimeOptions {
  /** `--runtime-path`: the Node binary, the folder of a JDK. Absent: the runtime's own default. */
  readonly runtimePath?: string;
  /** `--agent`: a ready agent, to take instead of the package's own. */
  readonly agentPath?: string;
  /** `--library-path`: folders searched for shared libraries before the system's. */
  readonly libraryPaths: readonly string[];
  /** Where what takes long to make is kept; the temporary folder when absent. */
  readonly cacheDir?: string;
  /** A line for the person who waits. */
  readonly progress: (line: string) => void;
}

/** The share of an image that differs from runtime to runtime; base.ts has the rest. */
export interface RuntimeFiles {
  readonly files: FileTree;
  /** Program and words, as after the options of OSv's command line. */
  readonly command: readonly string[];
}

/** Finds what goes into an image; writes nothing but to the cache. @throws Error that says what is missing */
export type Runtime = (options: RuntimeOptions) => Promise<RuntimeFiles>;
