import { randomBytes } from 'node:crypto';
import { API_VERSION, GROUP } from '../../api/group.ts';
import { EventBook, type Entry, type Said } from '../../domain/events/book.ts';
import { redact } from '../../domain/redact.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { KubeClient, Resource } from '../../runtime/kube.ts';
import type { Logger } from '../../runtime/log.ts';

/** A Function or an OsvPool. */
export interface Regarding {
  readonly kind: 'Function' | 'OsvPool';
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
}

export interface Happening {
  readonly type: 'Normal' | 'Warning';
  /** A word of docs/reference/events.md. */
  readonly reason: string;
  /** What was done about it. */
  readonly action: string;
  /** For people. Addresses and what is secret in URLs are masked; other secrets must not be in it. */
  readonly note: string;
}

export interface RecorderOptions {
  readonly client: Pick<KubeClient, 'create' | 'patch'>;
  readonly clock: Clock;
  readonly log: Logger;
}

const EVENTS: Resource = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
};
const CONTROLLER = `${GROUP}/operator`;
/** The API server takes 1,024 bytes. */
const NOTE_BYTES = 1_000;
/** Events that wait to be written. */
const MAX_WAITING = 100;
/** Room for a suffix in a name of 253 characters. */
const NAME_CHARS = 230;

/**
 * Says what happens to Functions and pools in Events: behind what is done, one write at a time, each
 * repetition as one series. Never throws and is never waited for; what cannot be written is lost.
 */
export class EventRecorder {
  readonly #options: RecorderOptions;
  readonly #book = new EventBook();
  readonly #waiting: (() => Promise<void>)[] = [];
  /** Names of series whose last count is written later. */
  readonly #due = new Set<string>();
  #writing = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  record(regarding: Regarding, happening: Happening): void {
    const note = cut(redact(happening.note));
    const id = `${regarding.name.slice(0, NAME_CHARS)}.${randomBytes(8).toString('hex')}`;
    const now = this.#options.clock.now();
    const said = { ...happening, note };
    this.#act(regarding, said, this.#book.enter(saidOf(regarding, said), id, now));
  }

  #act(regarding: Regarding, happening: Happening, entry: Entry): void {
    switch (entry.kind) {
      case 'none':
        return;
      case 'later':
        this.#later(regarding, happening, entry.afterMs);
        return;
      case 'first':
      case 'again':
        this.#enqueue(regarding, happening, entry);
    }
  }

  #later(regarding: Regarding, happening: Happening, afterMs: number): void {
    const said = saidOf(regarding, happening);
    const key = JSON.stringify(said);
    if (this.#due.has(key)) return;
    this.#due.add(key);
    const { clock } = this.#options;
    clock.after(afterMs, () => {
      this.#due.delete(key);
      const entry = this.#book.due(said, clock.now());
      this.#act(regarding, happening, entry);
    });
  }

  #enqueue(
    regarding: Regarding,
    happening: Happening,
    entry: Extract<Entry, { id: string }>,
  ): void {
    if (this.#waiting.length >= MAX_WAITING) return;
    this.#waiting.push(async () => {
      try {
        await this.#write(regarding, happening, entry);
      } catch (error) {
        this.#book.forget(saidOf(regarding, happening));
        this.#options.log.debug('event not written', { reason: happening.reason, error });
      }
    });
    if (!this.#writing) void this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    this.#writing = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await next();
    }
    this.#writing = false;
  }

  async #write(
    { kind, name, namespace, uid }: Regarding,
    { type, reason, action, note }: Happening,
    entry: Extract<Entry, { id: string }>,
  ): Promise<void> {
    const { client, clock } = this.#options;
    const time = new Date(clock.now()).toISOString().replace('Z', '000Z');
    if (entry.kind === 'again') {
      const series = { count: entry.count, lastObservedTime: time };
      await client.patch({ resource: EVENTS, name: entry.id, namespace }, { series }, MERGE);
      return;
    }
    const event = {
      apiVersion: `${EVENTS.group}/${EVENTS.version}`,
      kind: EVENTS.kind,
      metadata: { name: entry.id, namespace },
      ...{ type, reason, action, note },
      eventTime: time,
      reportingController: CONTROLLER,
      reportingInstance: CONTROLLER,
      regarding: { apiVersion: API_VERSION, kind, name, namespace, uid },
    };
    await client.create(EVENTS, event);
  }
}

function saidOf({ uid: object }: Regarding, { type, reason, note }: Happening): Said {
  return { object, type, reason, note };
}

const MERGE = { type: 'merge' } as const;

function cut(note: string): string {
  if (Buffer.byteLength(note) <= NOTE_BYTES) return note;
  return new TextDecoder().decode(Buffer.from(note).subarray(0, NOTE_BYTES)).replace(/�+$/, '');
}
