/** Pause after binds that failed in a row, so that a broken image does not burn the pool. */
export const PAUSE_MS = 250;

/** Applications that nothing is bound for until a time, milliseconds since the epoch. */
export class Pauses {
  readonly #until = new Map<string, number>();

  has(application: string, now: number): boolean {
    return (this.#until.get(application) ?? 0) > now;
  }

  begin(application: string, now: number): void {
    this.#until.set(application, now + PAUSE_MS);
  }

  end(application: string): void {
    this.#until.delete(application);
  }
}
