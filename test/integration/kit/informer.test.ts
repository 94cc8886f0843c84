import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { Connection } from '../../support/connect.ts';
import { ownCluster, type OwnCluster } from '../../support/cluster.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';
import { CONFIG_MAPS, connectThrough, stateOf, Witness } from './witness.ts';

let cluster: OwnCluster;
let proxy: TcpProxy;
let proxied: Connection;
let namespace: string;
let witness: Witness;

beforeAll(async () => {
  cluster = await ownCluster({ crds: false });
  proxy = await TcpProxy.to(Number(new URL(cluster.controlPlane.server).port));
  proxied = connectThrough(cluster.kubeconfig, proxy);
}, 60_000);

afterAll(async () => {
  await proxied.transport.close();
  await proxy.close();
});

beforeEach(async () => {
  proxy.mend();
  namespace = await cluster.newNamespace('kit');
  witness = new Witness(proxied, namespace);
});

afterEach(() => {
  witness.stop();
});

const ref = (name: string) => ({ resource: CONFIG_MAPS, name, namespace });

async function make(name: string): Promise<void> {
  await cluster.client.create(CONFIG_MAPS, { metadata: { name, namespace } });
}

async function change(name: string, value: string): Promise<void> {
  await cluster.client.patch(ref(name), { data: { value } }, { type: 'merge' });
}

/** Tries again while the API server is away. */
async function insist(work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch {
      await sleep(50);
    }
  }
}

async function restartApiServer(): Promise<void> {
  await cluster.controlPlane.killApiServer();
  await cluster.controlPlane.startApiServer();
}

/** The events, the cache and the API server agree, and no event contradicted another. */
async function agree(): Promise<void> {
  const { items } = await cluster.client.list(CONFIG_MAPS, { namespace });
  const truth = stateOf(items);
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline && !same(witness.believes(), truth)) await sleep(50);
  expect(witness.believes()).toEqual(truth);
  expect(witness.caches()).toEqual(truth);
  expect(witness.contradictions).toEqual([]);
}

function same(a: object, b: object): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

test('follows additions, changes and deletions', async () => {
  await make('before');
  await witness.start();
  await make('a');
  await make('b');
  await change('a', '1');
  await cluster.client.delete(ref('before'));
  await agree();
  expect(witness.deleted).toEqual(['before']);
  expect(witness.relists()).toBe(0);
});

test('a cut connection loses nothing that happened meanwhile, without a new list', async () => {
  await make('kept');
  await make('gone');
  await witness.start();
  proxy.cut();
  await change('kept', 'new');
  await cluster.client.delete(ref('gone'));
  await make('added');
  proxy.mend();
  await agree();
  expect(witness.deleted).toEqual(['gone']);
  expect(witness.relists()).toBe(0);
});

test('a watch that is too old after compaction lists again, and deletions are seen', async () => {
  await make('kept');
  await make('gone');
  await make('replaced');
  await witness.start();
  proxy.cut();
  await change('kept', 'new');
  await cluster.client.delete(ref('gone'));
  await cluster.client.delete(ref('replaced'));
  await make('replaced');
  await make('added');
  // etcd forgets the way there; the API server's own memory of it goes with the process.
  await cluster.controlPlane.compactEtcd();
  await restartApiServer();
  proxy.mend();
  await agree();
  expect(witness.relists()).toBeGreaterThan(0);
  expect([...witness.deleted].sort()).toEqual(['gone', 'replaced']);
}, 60_000);

test('kill -9 of the API server, twice, under a stream of changes', async () => {
  await witness.start();
  let on = true;
  let writes = 0;
  const writer = async (): Promise<void> => {
    for (let round = 0; on; round += 1) {
      const name = `w${round % 7}`;
      await insist(() => make(name).catch(() => change(name, String(round))));
      if (round % 5 === 4) await insist(() => cluster.client.delete(ref(name)));
      writes += 1;
    }
  };
  const writing = writer();
  for (let kills = 0; kills < 2; kills += 1) {
    const before = writes;
    while (writes < before + 20) await sleep(10);
    await restartApiServer();
  }
  const before = writes;
  while (writes < before + 20) await sleep(10);
  on = false;
  await writing;
  await agree();
  expect(witness.deleted.length).toBeGreaterThan(0);
}, 90_000);

test('an informer that starts while the API server is away syncs when it is back', async () => {
  await make('a');
  await cluster.controlPlane.killApiServer();
  const synced = witness.start();
  await sleep(300);
  await cluster.controlPlane.startApiServer();
  await synced;
  await agree();
}, 60_000);

test('a server that asks to wait is waited for, and it is no failure', async () => {
  const asked: number[] = [];
  const busy = createServer((_, answer) => {
    asked.push(Date.now());
    answer.writeHead(429, { 'retry-after': '1' });
    answer.end('{"message":"storage is (re)initializing"}');
  }).listen(0, '127.0.0.1');
  await once(busy, 'listening');
  const origin = `http://127.0.0.1:${(busy.address() as AddressInfo).port}`;
  const real = proxied.transport.credentials.bind(proxied.transport);
  const credentials = jest.spyOn(proxied.transport, 'credentials');
  credentials.mockImplementation(async (fresh) => {
    const { dispatcher, headers } = await real(fresh);
    const detour = dispatcher.compose((dispatch) => (options, handler) => {
      const away = options.path.includes('watch=1') && asked.length < 2;
      return dispatch(away ? { ...options, origin } : options, handler);
    });
    return { dispatcher: detour, headers };
  });
  await witness.start();
  await make('a');
  await agree();
  expect(Number(asked[1]) - Number(asked[0])).toBeGreaterThanOrEqual(1_000);
  expect(witness.lines.filter(({ level }) => level !== 'info')).toEqual([]);
  credentials.mockRestore();
  busy.close();
}, 60_000);

test('a handler that throws takes nothing from the others', async () => {
  witness.informer.on(() => {
    throw new Error('boom');
  });
  const late: string[] = [];
  witness.informer.on(({ object }) => late.push(object.metadata.name ?? ''));
  await witness.start();
  await make('a');
  await agree();
  expect(late).toContain('a');
  expect(witness.lines).toContainEqual(expect.objectContaining({ message: 'handler failed' }));
});
