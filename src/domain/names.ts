/** Longest name of a VMI whose launcher pod's host name is still a DNS label. */
const MAX_NAME = 63;

/**
 * Name of a VM: its pool's name, cut where needed, and the first characters of
 * its random id, so that people see what it belongs to.
 */
export function vmName(pool: string, vmId: string): string {
  const suffix = vmId.replaceAll('-', '').slice(0, 10);
  const room = MAX_NAME - suffix.length - 1;
  const prefix = pool.replaceAll('.', '-').slice(0, room).replace(/-+$/, '');
  return `${prefix}-${suffix}`;
}
