/** What a person follows: headlines, facts below them, and one block that is drawn again and again. */
export interface Screen {
  headline(text: string): void;
  fact(text: string): void;
  /** Replaces the block that was drawn before; on a pipe it is printed when it has changed. */
  draw(lines: readonly string[]): void;
  /** What is drawn stays; what comes next goes below it. */
  settle(): void;
}

const BOLD = '\x1b[1m';
const PLAIN = '\x1b[0m';

export function createScreen(out: NodeJS.WriteStream): Screen {
  const live = out.isTTY;
  let drawn = 0;
  let last = '';
  const settle = (): void => {
    drawn = 0;
    last = '';
  };
  const line = (text: string): void => {
    settle();
    out.write(`${text}\n`);
  };
  return {
    settle,
    headline: (text) => {
      line(live ? `${BOLD}▸ ${text}${PLAIN}` : `▸ ${text}`);
    },
    fact: (text) => {
      line(`    ${text}`);
    },
    draw: (lines) => {
      const text = lines.map((one) => `    ${one}\n`).join('');
      if (text === last) return;
      // Up to the first line of the block, and clear from there.
      if (live && drawn > 0) out.write(`\x1b[${drawn}A\x1b[0J`);
      out.write(text);
      drawn = lines.length;
      last = text;
    },
  };
}

/** `▇▇▇▁▁` for 3 of 5, at most `width` characters. */
export function bar(value: number, max: number, width: number): string {
  const full = max === 0 ? 0 : Math.round((Math.min(value, max) / max) * width);
  return '▇'.repeat(full) + '·'.repeat(width - full);
}

export function ms(value: number): string {
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
