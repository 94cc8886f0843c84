/**
 * A restored guest's clock stands behind by the age of its snapshot, and OSv has no call
 * that sets it. So JavaScript sees a clock of ours. What does not ask JavaScript sees the
 * guest's: times of files, and the day on which OpenSSL thinks that a certificate is valid.
 */
export function shiftClock(offsetMs: number): void {
  const Real = Date;
  const now = (): number => Real.now() + offsetMs;
  const shifted = new Proxy(Real, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as object,
    apply: () => new Real(now()).toString(),
    get: (target, name, receiver): unknown =>
      name === 'now' ? now : Reflect.get(target, name, receiver),
  });
  Object.defineProperty(Real.prototype, 'constructor', {
    configurable: true,
    writable: true,
    value: shifted,
  });
  Object.defineProperty(globalThis, 'Date', {
    configurable: true,
    writable: true,
    value: shifted,
  });
}
