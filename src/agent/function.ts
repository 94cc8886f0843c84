import type { BindFunction, FunctionLoad } from '../api/agent-protocol.ts';
import type { Handler } from './load/handler.ts';
import { LoadFailure } from './load/failure.ts';

/** Loads a function's module; never settles later than the load limit. */
export type Loader = (fn: HostedFunction) => Promise<Handler>;

/** One function of the application that this VM is bound to. */
export class HostedFunction {
  readonly spec: BindFunction;
  /** Folder of its files. */
  readonly root: string;
  /** What its code sees as `process.env`; its writes stay here. */
  readonly env: Record<string, string>;
  /** Its own variables alone, for handlers that take them as an argument: one object for all calls. */
  readonly variables: Readonly<Record<string, string>>;
  /** Set once loaded, so that a warm invocation need not wait for a promise. */
  handler?: Handler;
  readonly #loader: Loader;
  readonly #interrupt = Promise.withResolvers<never>();
  #loading: Promise<Handler> | undefined;
  #failure: LoadFailure | undefined;

  constructor(
    spec: BindFunction,
    root: string,
    loader: Loader,
    commonEnv: Readonly<Record<string, string>> = {},
  ) {
    this.spec = spec;
    this.root = root;
    this.env = { ...commonEnv, ...spec.env };
    this.variables = { ...spec.env };
    this.#loader = loader;
    // Interrupted or not, nobody need wait for it.
    this.#interrupt.promise.catch(() => undefined);
  }

  get name(): string {
    return this.spec.name;
  }

  /** Loads the module once, however many ask; rejects with a {@link LoadFailure}, the same each time. */
  load(): Promise<Handler> {
    this.#loading ??= this.#loadOnce();
    return this.#loading;
  }

  get loading(): boolean {
    return this.#loading !== undefined && this.handler === undefined && this.#failure === undefined;
  }

  /** Ends a load that is under way with `failure`; false when there is none. */
  interruptLoad(failure: LoadFailure): boolean {
    const { loading } = this;
    if (loading) {
      this.#interrupt.reject(failure);
    }
    return loading;
  }

  get status(): FunctionLoad {
    if (this.#failure !== undefined) {
      const { reason, message } = this.#failure;
      return { name: this.name, state: 'failed', reason, detail: message };
    }
    return { name: this.name, state: this.handler === undefined ? 'unloaded' : 'loaded' };
  }

  async #loadOnce(): Promise<Handler> {
    try {
      this.handler = await Promise.race([this.#loader(this), this.#interrupt.promise]);
      return this.handler;
    } catch (error) {
      this.#failure = LoadFailure.from(error);
      throw this.#failure;
    }
  }
}
