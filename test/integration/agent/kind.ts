import type { Guest, TestFunction } from '../../support/agent.ts';

/** What the contract asks functions to do; each kind of agent brings its own code for them. */
export type Behaviour =
  /** JSON of method, url, headers and body. */
  | 'echo'
  /** Waits `?ms=`; answers the most invocations that it ever saw in itself at once. */
  | 'sleep'
  /** Waits `?ms=` unless aborted; logs `aborted: <name of the reason>` when it is. */
  | 'abortable'
  /** Computes for `?ms=`. */
  | 'burn'
  /** Never comes back. */
  | 'spin'
  /** JSON of its environment. */
  | 'env'
  /** Sends back each piece of the request's body as it comes. */
  | 'pipe'
  /** `?bytes=` times the letter x. */
  | 'big'
  | 'throws'
  /** Sends `begun` and fails. */
  | 'throwsLate'
  /** Fails where no handler can catch it, `?ms=` later. */
  | 'throwsAside'
  /** Ends the process. */
  | 'exits'
  /** Logs the request's `?text=` on stdout. */
  | 'logs'
  /** Answers 101 to every upgrade, then echoes. */
  | 'upgrades'
  | 'syntaxError'
  | 'missingHandler'
  | 'missingModule';

export type Code = Pick<TestFunction, 'handler' | 'files'>;

export interface StartOptions {
  /** Overrides of limits, such as `GRACE_MS`. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Where it is not enough by itself; a process has its machine's. */
  readonly memoryMib?: number;
}

/** One way to get an agent: its language and what it runs in. */
export interface AgentKind {
  readonly name: string;
  readonly code: Readonly<Record<Behaviour, Code>>;
  /** Rows of the contract that this kind cannot pass, by their names, each with the reason. */
  readonly impossible?: Readonly<Record<string, string>>;
  /** How many times longer than a process it may take to do something; 1 without. */
  readonly slowness?: number;
  start(options?: StartOptions): Promise<Guest>;
}

/** Milliseconds of a wait that something of `kind` must fit into. */
export function scaled(kind: Pick<AgentKind, 'slowness'>, ms: number): number {
  return ms * (kind.slowness ?? 1);
}

/** `behaviour` as a function of that name, or of another. */
export function functionOf(
  kind: AgentKind,
  behaviour: Behaviour,
  rest: Partial<TestFunction> = {},
): TestFunction {
  return { name: behaviour.toLowerCase(), ...kind.code[behaviour], ...rest };
}
