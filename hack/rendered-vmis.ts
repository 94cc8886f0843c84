import { basename } from 'node:path';
import { renderFile } from '../src/cli/vmi/render.ts';
import { EXAMPLE } from '../src/cli/vmi/vmi.ts';

const INTRODUCTION = `# The virtual machine of each sample pool

What the operator creates for the pools of [\`manifests/pools\`](../../manifests/pools), as \`npm run osv-faas -- vmi render -f FILE\` prints it. Names,
identity and key are placeholders: each VM gets its own.
`;

/** A page with every pool's VMI. @param pools file names and contents, in order */
export function renderedVmis(pools: readonly (readonly [file: string, text: string])[]): string {
  const sections = pools.map(([file, text]) => {
    const vmi = renderFile(file, text, EXAMPLE);
    return `## ${basename(file)}\n\n${commentOf(text)}\n\n\`\`\`yaml\n${vmi}\`\`\`\n`;
  });
  return [INTRODUCTION, ...sections].join('\n');
}

/** The comment that a manifest begins with. */
function commentOf(text: string): string {
  const lines = text.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('#'));
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^# ?/, ''))
    .join('\n');
}
