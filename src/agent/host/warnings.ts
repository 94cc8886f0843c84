const TYPELESS = 'MODULE_TYPELESS_PACKAGE_JSON';

/**
 * Without a package.json of its own a function's syntax says what it is (docs/agent.md). Node
 * finds the agent's package.json above it and asks for a type in there, at every load.
 */
export function hideTypelessWarning(): void {
  const emit = Reflect.get(process, 'emitWarning');
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (codeOf(rest[0]) !== TYPELESS) Reflect.apply(emit, process, [warning, ...rest]);
  };
}

function codeOf(options: unknown): unknown {
  return typeof options === 'object' && options !== null ? Reflect.get(options, 'code') : undefined;
}
