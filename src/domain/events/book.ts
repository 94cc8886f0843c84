/** What is to be done with something that happened. */
export type Entry =
  /** Something new: an Event of its own. */
  | { readonly kind: 'first'; readonly id: string }
  /** The same again, so many times by now: the Event with this id becomes a series. */
  | { readonly kind: 'again'; readonly id: string; readonly count: number }
  /** The same again, and it was written a moment ago: {@link EventBook.due} has it after this time. */
  | { readonly kind: 'later'; readonly afterMs: number }
  /** One object has had too many. */
  | { readonly kind: 'none' };

export interface Said {
  /** uid of what it is about. */
  readonly object: string;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly note: string;
}

interface Row {
  readonly id: string;
  count: number;
  lastAt: number;
  writtenAt: number;
  writtenCount: number;
  pauseMs: number;
}

/** The same within this time is the same series, as in client-go's recorder. */
const SERIES_MS = 360_000;
/** Between two writes of a series: doubled with each, up to a minute. */
const WRITE_MS = { least: 3_000, most: 60_000 };
/** Different ones of one object and type: so many at once, and one more each five minutes, as in client-go. */
const BURST = 25;
const REGAIN_MS = 300_000;
/** Series and objects that are remembered; those that rested longest are forgotten. */
const KEPT = 1_000;

/**
 * What was said already: repetitions become one series, and nothing fills the API server with Events.
 * @see https://pkg.go.dev/k8s.io/client-go/tools/events
 */
export class EventBook {
  readonly #rows = new Map<string, Row>();
  /** When a budget is whole again, milliseconds since the epoch. */
  readonly #wholeAt = new Map<string, number>();

  /** @param id name that the Event gets if it is new */
  enter(said: Said, id: string, now: number): Entry {
    const key = keyOf(said);
    const row = this.#rows.get(key);
    if (row !== undefined && now - row.lastAt < SERIES_MS) {
      row.count += 1;
      row.lastAt = now;
      keep(this.#rows, key, row);
      const afterMs = row.writtenAt + row.pauseMs - now;
      return afterMs > 0 ? { kind: 'later', afterMs } : written(row, now);
    }
    if (!this.#afford(`${said.object}/${said.type}`, now)) return { kind: 'none' };
    const at = { lastAt: now, writtenAt: now };
    keep(this.#rows, key, { id, ...at, count: 1, writtenCount: 1, pauseMs: WRITE_MS.least });
    return { kind: 'first', id };
  }

  /** What of a series was not written yet. */
  due(said: Said, now: number): Entry {
    const row = this.#rows.get(keyOf(said));
    return row === undefined || row.count === row.writtenCount
      ? { kind: 'none' }
      : written(row, now);
  }

  /** Its Event could not be written, or is gone: the next one is new. */
  forget(said: Said): void {
    this.#rows.delete(keyOf(said));
  }

  #afford(budget: string, now: number): boolean {
    const wholeAt = Math.max(now, this.#wholeAt.get(budget) ?? 0) + REGAIN_MS;
    if (wholeAt - now > BURST * REGAIN_MS) return false;
    keep(this.#wholeAt, budget, wholeAt);
    return true;
  }
}

function keyOf({ object, reason, note }: Said): string {
  return `${object}/${reason}/${note}`;
}

function written(row: Row, now: number): Entry {
  row.writtenAt = now;
  row.writtenCount = row.count;
  row.pauseMs = Math.min(2 * row.pauseMs, WRITE_MS.most);
  return { kind: 'again', id: row.id, count: row.count };
}

function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= KEPT) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
