/** `npm run bench [NAME…]`: runs bench/NAME.ts, or all of them. */
import { readdirSync } from 'node:fs';

interface Benchmark {
  default(): Promise<void>;
}

const folder = new URL('./', import.meta.url);

function names(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && file !== 'main.ts')
    .map((file) => file.slice(0, -3))
    .toSorted();
}

async function main(args: readonly string[]): Promise<number> {
  const known = names();
  if (args.includes('--list')) {
    console.log(known.join('\n'));
    return 0;
  }
  const unknown = args.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    console.error(`no benchmark "${unknown.join('", "')}"; there are: ${known.join(', ')}`);
    return 2;
  }
  for (const name of args.length === 0 ? known : args) {
    console.log(`== ${name}`);
    const benchmark = (await import(new URL(`${name}.ts`, folder).href)) as Benchmark;
    await benchmark.default();
  }
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
