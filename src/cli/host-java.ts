import { join } from 'node:path';
import { agentJars } from '../image/java/agent-jar.ts';
import { findJdk } from '../image/java/jdk.ts';
import type { HostJava } from '../local/drivers/programs.ts';

/** This machine's Java and the agent that was compiled for it, looked for when a guest needs them. */
export function hostJava(cacheDir: string): () => Promise<HostJava> {
  let found: Promise<HostJava> | undefined;
  return () => {
    found ??= find(cacheDir);
    // A failure is not kept: Java may be installed meanwhile.
    found.catch(() => (found = undefined));
    return found;
  };
}

async function find(cacheDir: string): Promise<HostJava> {
  const jdk = await findJdk();
  const { agent } = await agentJars({ jdk, cacheDir });
  return { java: join(jdk.home, 'bin', 'java'), agentJar: agent };
}
