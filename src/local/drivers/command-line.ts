import type { Vmi } from '../../api/kubevirt.ts';

/** OSv's kernel command line, taken apart: loader options, then the program. */
export interface CommandLine {
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
}

/** The one kind of disk that boots by itself is Node's. */
const BOOT_DISK_COMMAND = ['/node', '/agent/main.js'];

/** What a VMI's guest runs; one whose disk boots by itself gets its variables from a second disk. */
export function commandLineOf({ spec }: Vmi): CommandLine {
  const { kernelArgs } = spec.domain.firmware?.kernelBoot ?? {};
  if (kernelArgs !== undefined) return parseCommandLine(kernelArgs);
  const identity = spec.volumes?.find(({ cloudInitNoCloud }) => cloudInitNoCloud !== undefined);
  const lines = (identity?.cloudInitNoCloud?.userData ?? '').split('\n');
  const pairs = lines.flatMap((line) => {
    const at = line.indexOf('=');
    return at === -1 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
  });
  return { env: Object.fromEntries(pairs), command: BOOT_DISK_COMMAND };
}

/** A space inside a value is written `\ `; the first word without a dash begins the program. */
export function parseCommandLine(line: string): CommandLine {
  const words = line
    .split(/(?<!\\) +/)
    .map((word) => word.replaceAll('\\ ', ' '))
    .filter((word) => word !== '');
  const begin = words.findIndex((word) => !word.startsWith('-'));
  const options = begin === -1 ? words : words.slice(0, begin);
  const pairs = options.flatMap((word) => {
    const match = /^--env=([^=]+)=(.*)$/s.exec(word);
    return match === null ? [] : [[match[1], match[2]]];
  });
  return {
    env: Object.fromEntries(pairs) as Record<string, string>,
    command: begin === -1 ? [] : words.slice(begin),
  };
}
