import type { FileTree } from '../tree.ts';

/** What `image build` was told that a runtime may want to know. */
export interface RuntimeOptions {
  /** `--runtime-path`: the Node binary, the folder of a JRE. Absent: the runtime's own default. */
  readonly runtimePath?: string;
  /** `--agent`: a ready agent, to take instead of the package's own. */
  readonly agentPath?: string;
  /** `--library-path`: folders searched for shared libraries before the system's. */
  readonly libraryPaths: readonly string[];
  /** A line for the person who waits. */
  readonly progress: (line: string) => void;
}

/** The share of an image that differs from runtime to runtime; base.ts has the rest. */
export interface RuntimeFiles {
  readonly files: FileTree;
  /** Program and words, as after the options of OSv's command line. */
  readonly command: readonly string[];
}

/** Finds what goes into an image; reads this machine, writes nothing. @throws Error that says what is missing */
export type Runtime = (options: RuntimeOptions) => Promise<RuntimeFiles>;
