import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { RouteListener, RouteSource } from '../../../src/gateway/gateway.ts';
import { BufferedLines } from '../../../src/gateway/telemetry/accesslog/writer.ts';
import { call, raw } from './support/client.ts';
import { APP, HELLO, onCleanup, startPair } from './support/gateway.ts';

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'osv-faas-log-'));
  onCleanup(() => rm(made, { recursive: true, force: true }));
  return made;
}

describe('the access log', () => {
  test('has a line for every request, whatever became of it, in a file', async () => {
    const file = join(await folder(), 'access.log');
    const accessLog = await BufferedLines.open(file);
    const { port, gateway } = await startPair((_req, res) => res.end('x'), { deps: { accessLog } });
    await call(port);
    await call(port, { path: '/nobody/"quoted"?secret=1' });
    await call(port, { headers: { host: 'h\u00e9\\' } });
    await gateway.stop();
    const text = await readFile(file, 'utf8');
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ status }) => status)).toEqual([200, 404, 200]);
    expect(lines[1]).toMatchObject({ path: '/nobody/"quoted"', reason: 'RouteUnknown', vm: '' });
    expect(lines[2]).toMatchObject({ host: 'h\u00e9\\' });
    expect(text).not.toContain('secret');
  });

  test('many lines arrive whole, in order, and none is lost', async () => {
    const file = join(await folder(), 'many.log');
    const lines = await BufferedLines.open(file);
    const written = Array.from({ length: 20_000 }, (_each, index) => `line ${index}\n`);
    for (const [index, line] of written.entries()) {
      lines.write(line);
      // Lets writes happen in between, as requests do.
      if (index % 3_000 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await lines.close();
    expect(lines.dropped).toBe(0);
    const text = await readFile(file, 'utf8');
    expect(text.length).toBe(written.join('').length);
    expect(text.split('\n').slice(0, 100).join('\n')).toBe(
      written.slice(0, 100).join('').trimEnd(),
    );
  });

  test('lines appear without more traffic, and go to a new file after a rotation', async () => {
    const file = join(await folder(), 'rotated.log');
    const lines = await BufferedLines.open(file);
    lines.write('before\n');
    await rename(file, `${file}.1`);
    await lines.reopen(file);
    lines.write('after\n');
    let text = '';
    for (let tries = 0; tries < 100 && text === ''; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      text = await readFile(file, 'utf8');
    }
    await lines.close();
    expect([await readFile(`${file}.1`, 'utf8'), text]).toEqual(['before\n', 'after\n']);
  });

  test('what comes after the end, or is absurdly long, is counted', async () => {
    const lines = await BufferedLines.open(join(await folder(), 'counted.log'));
    lines.write('x'.repeat(40_000));
    await Promise.all([lines.close(), lines.close()]);
    lines.write('late\n');
    expect(lines.dropped).toBe(2);
  });

  test('a folder that does not exist is said so', async () => {
    await expect(BufferedLines.open('/nowhere/at/all.log')).rejects.toThrow(/\/nowhere\/at\/all/);
  });
});

describe('metrics', () => {
  test('speak of requests, queues, admissions and cold starts', async () => {
    const { port, registry, operator } = await startPair((_req, res) => {
      res.writeHead(201).end('x');
    });
    await call(port);
    await call(port);
    await call(port, { path: '/a/b' });
    await raw(port, 'nonsense\r\n\r\n');
    operator.say({ type: 'bound', application: APP, vmId: 'vm-1', phases: { load: 40 } });
    const text = await registry.metrics();
    const value = (series: string): number => {
      const line = text.split('\n').find((each) => each.startsWith(`${series} `));
      return Number(line?.slice(series.length + 1));
    };
    const own = (name: string): number => value(`osv_faas_gateway_${name}`);
    expect(own('requests_total{function="default/hello",code="201"}')).toBe(2);
    expect(own('requests_total{function="",code="404"}')).toBe(1);
    expect(own('client_errors_total{code="400"}')).toBe(1);
    expect(own('request_seconds_count{function="default/hello"}')).toBe(2);
    expect(own('request_seconds_bucket{le="+Inf",function="default/hello"}')).toBe(2);
    expect(own('request_seconds_sum{function="default/hello"}')).toBeGreaterThan(0);
    expect(own('admissions_total{result="dispatched"}')).toBe(2);
    expect(own('admissions_total{result="refused"}')).toBe(0);
    expect(own(`in_flight{application="${APP}"}`)).toBe(0);
    expect(own(`queue_depth{application="${APP}"}`)).toBe(0);
    expect(own(`queue_oldest_seconds{application="${APP}"}`)).toBe(0);
    expect(own(`endpoints{application="${APP}"}`)).toBe(1);
    expect(own('cold_start_seconds_bucket{le="0.05",phase="load"}')).toBe(1);
    expect(own('cold_start_seconds_bucket{le="0.025",phase="load"}')).toBe(0);
    expect(own('operator_up')).toBe(1);
    expect([own('retries_total'), own('quarantines_total'), own('queue_bytes')]).toEqual([0, 0, 0]);
    // Counters read twice are not counted twice.
    expect(await registry.metrics()).toContain(
      'requests_total{function="default/hello",code="201"} 2',
    );
  });

  test('count a code that a function made up by its class: there are no thousand series of it', async () => {
    let code = 599;
    const { port, registry } = await startPair((_req, res) => {
      code += 1;
      res.writeHead(code).end();
    });
    for (let round = 0; round < 20; round += 1) await call(port);
    const series = (await registry.metrics())
      .split('\n')
      .filter((line) => line.includes('requests_total{function="default/hello"'));
    expect(series).toEqual([
      'osv_faas_gateway_requests_total{function="default/hello",code="6xx"} 20',
    ]);
  });

  test('of a function that is no more are forgotten', async () => {
    let listener: RouteListener | undefined;
    const routes: RouteSource = {
      synced: true,
      subscribe(given) {
        listener = given;
        given.changed([HELLO]);
      },
    };
    const { port, registry } = await startPair((_req, res) => res.end('x'), { deps: { routes } });
    await call(port);
    expect(await registry.metrics()).toContain('function="default/hello"');
    listener?.changed([]);
    expect(await registry.metrics()).not.toContain('function="default/hello"');
  });
});
