/**
 * Whether `a` is as new as `b` or newer: both of one resource of one API server.
 * Resource versions compare as whole numbers of any size (Kubernetes KEP-5504; etcd's revisions always did).
 * @throws SyntaxError for what is no whole number
 */
export function isAtLeast(a: string, b: string): boolean {
  return BigInt(a) >= BigInt(b);
}
