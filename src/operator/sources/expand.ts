/** Most bytes of one variable that Linux takes (MAX_ARG_STRLEN); references to references would have no end. */
export const MAX_VALUE = 128 * 1024;

/**
 * References to variables in a value, as in a pod's `env[].value`: `$(NAME)` is the value of a variable that was
 * defined before, `$$` a dollar; what names nothing stays as it is.
 * Source: `third_party/forked/golang/expansion/expand.go` of Kubernetes.
 * @returns undefined when the text would be longer than {@link MAX_VALUE} characters
 */
export function expand(value: string, known: ReadonlyMap<string, string>): string | undefined {
  let length = value.length;
  const expanded = value.replace(/\$(?:\$|\(([^)]*)\))/g, (reference, name?: string) => {
    const text = name === undefined ? '$' : (known.get(name) ?? reference);
    length += text.length - reference.length;
    return length > MAX_VALUE ? '' : text;
  });
  return length > MAX_VALUE ? undefined : expanded;
}
