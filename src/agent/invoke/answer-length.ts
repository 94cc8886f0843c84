import type { ServerResponse } from 'node:http';
import { Refusal } from '../refusal.ts';

/**
 * Compares an answer's body with the `content-length` that the function declared. A client waits for
 * bytes that never come, and takes those that are too many for its next answer.
 */
export class AnswerLength {
  declared: number | undefined;
  #written = 0;

  /** @throws Refusal `InvalidAnswer` when the body is longer than it may be */
  add(bytes: number): void {
    this.#written += bytes;
    if (this.declared !== undefined && this.#written > this.declared) throw this.#invalid('more');
  }

  /** @throws Refusal `InvalidAnswer` when bytes are missing */
  end(): void {
    if (this.declared !== undefined && this.#written < this.declared) throw this.#invalid('less');
  }

  #invalid(what: string): Refusal {
    const detail = `The function declared a content-length of ${this.declared ?? 0} and sent ${what}: ${this.#written} bytes.`;
    return new Refusal(500, 'InvalidAnswer', detail, 'function');
  }
}

/** What a header says of the body's length; undefined where there is no body to compare. */
export function declaredLength(
  res: ServerResponse,
  status: number,
  value: unknown,
): number | undefined {
  const bodiless = res.req.method === 'HEAD' || status === 204 || status === 304;
  const length = bodiless || value === undefined ? NaN : Number(value);
  return Number.isInteger(length) ? length : undefined;
}
