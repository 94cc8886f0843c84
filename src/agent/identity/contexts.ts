import { randomInt } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { types } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import vm, {
  type Context,
  type CreateContextOptions,
  type RunningCodeInNewContextOptions,
} from 'node:vm';

type Contextified = Parameters<typeof vm.createContext>[0];

/** V8 knows 31 bits of a seed; 0 means that it draws one by itself. */
const SEEDS = 2 ** 31;
const OWN_SEED = '--random-seed=0';

/**
 * Gives each context that is made from now on (node:vm) a Math.random of its own. V8 seeds those of a thread from one
 * generator, whose state is the same in every clone, or from a flag, which is the same for all of them: so the flag has
 * another value for each, and is taken at once, since V8 would wait for the first draw. Threads (Workers) draw their
 * seeds from OpenSSL, which the identity has made this VM's own.
 */
export function seedContexts(): void {
  const create = vm.createContext;
  const createContext = (object?: Contextified, options?: CreateContextOptions): Context => {
    if (hidesMath(object)) return create(object, options);
    setFlagsFromString(`--random-seed=${randomInt(1, SEEDS)}`);
    try {
      const context = create(object, options);
      new vm.Script('Math.random()').runInContext(context);
      return context;
    } finally {
      setFlagsFromString(OWN_SEED);
    }
  };
  const contextOf = (object: Contextified, options: unknown): Context =>
    createContext(object, optionsOf(options));
  Object.assign(vm, {
    createContext,
    runInNewContext: (
      code: string,
      object?: Contextified,
      options?: RunningCodeInNewContextOptions,
    ): unknown => vm.runInContext(code, contextOf(object, options), options),
  });
  vm.Script.prototype.runInNewContext = function (object, options) {
    return this.runInContext(contextOf(object, options), options) as unknown;
  };
  syncBuiltinESMExports();
}

/**
 * Whether code in the context finds something of the user's under that name, or may: it has no use for V8's generator,
 * and nothing of the user's is to be called here. What it uncovers later by deleting that is not its own.
 */
function hidesMath(object: Contextified): boolean {
  if (typeof object !== 'object') return false;
  if (vm.isContext(object)) return true;
  for (let one: unknown = object; one !== null; one = Object.getPrototypeOf(one)) {
    if (types.isProxy(one) || Object.hasOwn(one as object, 'Math')) return true;
  }
  return false;
}

/** Of the options of a run those of its context, under the names that they have there; a text is a file's name. */
function optionsOf(options: unknown): CreateContextOptions {
  if (typeof options !== 'object' || options === null) return {};
  const of = options as RunningCodeInNewContextOptions;
  const all: [string, unknown][] = [
    ['name', of.contextName],
    ['origin', of.contextOrigin],
    ['codeGeneration', of.contextCodeGeneration],
    ['microtaskMode', of.microtaskMode],
  ];
  return Object.fromEntries<unknown>(all.filter(([, value]) => value !== undefined));
}
