/** OSv's kernel command line, taken apart: loader options, then the program. */
export interface CommandLine {
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
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
