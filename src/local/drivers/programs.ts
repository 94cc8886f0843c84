import { fileURLToPath } from 'node:url';

/** What a guest's command is on this machine. */
export interface HostProgram {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A Java of this machine's, and the agent for it. */
export interface HostJava {
  readonly java: string;
  readonly agentJar: string;
}

/** The native agent, which runs on this machine as it does in OSv. */
export type HostNative = () => Promise<string>;

export interface HostPrograms {
  /** Folder in which guests may share what they would each compile. */
  readonly cacheDir: string;
  /** Asked at the first Java guest. @throws Error when this machine has none */
  readonly java?: (() => Promise<HostJava>) | undefined;
  /** Asked at the first native guest. @throws Error when it cannot be built */
  readonly native?: HostNative | undefined;
}

type Translate = (words: readonly string[], host: HostPrograms) => Promise<HostProgram>;

/** First word of a guest's command → what runs in its place. The agent is this checkout's. */
const PROGRAMS: Readonly<Record<string, Translate>> = {
  '/node': node,
  '/jre/bin/java': java,
  '/agent/native': native,
};

/** @throws Error when there is nothing on this machine for such a guest */
export async function hostProgram(
  command: readonly string[],
  host: HostPrograms,
): Promise<HostProgram> {
  const [word = 'nothing', ...words] = command;
  const translate = PROGRAMS[word];
  if (translate === undefined) {
    const known = Object.keys(PROGRAMS).join(', ');
    throw new Error(`the process driver runs ${known}, the kernel arguments start ${word}`);
  }
  return translate(words, host);
}

/** Node's own flags are the guest's. */
function node(words: readonly string[], { cacheDir }: HostPrograms): Promise<HostProgram> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const agent = fileURLToPath(new URL(`../../agent/main.${extension}`, import.meta.url));
  const flags = words.filter((word) => word.startsWith('--'));
  return Promise.resolve({
    file: process.execPath,
    args: [...flags, agent],
    // Guests load the same agent: the second one need not compile it.
    env: { NODE_COMPILE_CACHE: cacheDir },
  });
}

/** The guest's flags, but for the archive of classes: that is for its own JRE. */
async function java(words: readonly string[], host: HostPrograms): Promise<HostProgram> {
  if (host.java === undefined) throw new Error('the process driver was given no Java');
  const { java: file, agentJar } = await host.java();
  const flags = words.filter((word) => /^-X(?!X:SharedArchiveFile=)/.test(word));
  return { file, args: [...flags, '-jar', agentJar] };
}

async function native(_: readonly string[], host: HostPrograms): Promise<HostProgram> {
  if (host.native === undefined) throw new Error('the process driver was given no native agent');
  return { file: await host.native(), args: [] };
}
