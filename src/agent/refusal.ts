import type { Component } from '../api/problem.ts';

/** An answer of the agent's own: becomes a problem document (http/answer.ts). */
export class Refusal extends Error {
  readonly status: number;
  readonly reason: string;
  readonly component: Component;

  constructor(status: number, reason: string, detail: string, component: Component = 'agent') {
    super(detail);
    this.status = status;
    this.reason = reason;
    this.component = component;
  }
}
