import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One measured value, with the baseline of the same run where there is one. */
export interface Figure {
  /** Such as `gateway.cpu`. */
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with, and its value: `haproxy 20.1`. */
  readonly baseline?: string;
  /** Value over baseline. */
  readonly ratio?: number;
  readonly samples: number;
}

const OUT = new URL('../out/', import.meta.url);

/** Prints a table and writes `bench/out/NAME.json`. */
export function report(name: string, figures: readonly Figure[]): void {
  mkdirSync(OUT, { recursive: true });
  const file = new URL(`${name}.json`, OUT);
  const rounded = figures.map((figure) => ({
    ...figure,
    value: round(figure.value),
    ...(figure.ratio === undefined ? {} : { ratio: round(figure.ratio) }),
  }));
  writeFileSync(file, `${JSON.stringify(rounded, null, 2)}\n`);
  console.log(tableOf(rounded));
  console.log(`written to ${fileURLToPath(file)}`);
}

/** Middle value of an unsorted list; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** Linear between the nearest ranks. @param percent 0 to 100 */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = ((sorted.length - 1) * percent) / 100;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? low;
  return low + (high - low) * (at - Math.floor(at));
}

function tableOf(figures: readonly Figure[]): string {
  const rows = [
    ['figure', 'value', 'unit', 'baseline', 'ratio', 'samples'],
    ...figures.map(({ figure, value, unit, baseline, ratio, samples }) => [
      figure,
      String(value),
      unit,
      baseline ?? '',
      ratio === undefined ? '' : String(ratio),
      String(samples),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
