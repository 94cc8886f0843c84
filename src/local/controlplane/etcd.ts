import type { HttpsClient } from './https.ts';

/** The few calls to etcd itself that tests need, through its JSON gateway. */
export class EtcdClient {
  readonly #https: HttpsClient;

  constructor(https: HttpsClient) {
    this.#https = https;
  }

  /** @throws Error while etcd does not answer */
  async probe(): Promise<void> {
    await this.revision();
  }

  async revision(): Promise<string> {
    const text = await this.#https.call('POST', '/v3/maintenance/status', {});
    const status = JSON.parse(text) as { header: { revision: string } };
    return status.header.revision;
  }

  /** Forgets all history before this moment; watches from an older version get 410. */
  async compact(): Promise<void> {
    const revision = await this.revision();
    await this.#https.call('POST', '/v3/kv/compaction', { revision, physical: true });
  }

  close(): Promise<void> {
    return this.#https.close();
  }
}
