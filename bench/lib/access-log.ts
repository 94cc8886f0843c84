import { readFileSync } from 'node:fs';

export interface AccessLine {
  readonly requestId: string;
  readonly status: number;
  readonly queueUs: number;
  readonly firstByteUs: number;
  readonly totalUs: number;
  readonly vm: string;
}

/** The gateway's access log by request id. */
export function readAccessLog(file: string): ReadonlyMap<string, AccessLine> {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return new Map(
    lines.map((line) => {
      const parsed = JSON.parse(line) as AccessLine;
      return [parsed.requestId, parsed];
    }),
  );
}
