import { request } from 'undici';
import type { RecentBind } from '../../operator/metrics.ts';
import type { Usage } from '../../operator/usage/book.ts';
import type { Stage, Vm } from '../../operator/vms/vm.ts';
import type { Local } from '../../local/local.ts';

/** What is seen of everything at one moment. */
export interface Snapshot {
  /** VMs by stage. */
  readonly vms: Readonly<Record<Stage, number>>;
  readonly inFlight: number;
  readonly waiting: number;
}

interface ApplicationView {
  readonly inFlight: number;
  readonly waiting: number;
}

export async function snapshotOf(local: Local): Promise<Snapshot> {
  const [vms, { applications }] = await Promise.all([
    getJson<readonly Vm[]>(`${local.operatorAdminUrl}/debug/vms`),
    getJson<{ applications: readonly ApplicationView[] }>(
      `${local.gatewayAdminUrl}/debug/applications`,
    ),
  ]);
  const count = { starting: 0, generic: 0, binding: 0, bound: 0, draining: 0, deleting: 0 };
  for (const vm of vms) count[vm.stage] += 1;
  return {
    vms: count,
    inFlight: sum(applications, (one) => one.inFlight),
    waiting: sum(applications, (one) => one.waiting),
  };
}

export function usageOf(local: Local): Promise<{ applications: readonly Usage[] }> {
  return getJson(`${local.operatorAdminUrl}/usage`);
}

export function bindsOf(local: Local): Promise<readonly RecentBind[]> {
  return getJson(`${local.operatorAdminUrl}/debug/binds`);
}

async function getJson<T>(url: string): Promise<T> {
  const { statusCode, body } = await request(url);
  if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}: ${await body.text()}`);
  return (await body.json()) as T;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** @throws Error naming `what` when `done` is not true within `timeoutMs` */
export async function until(
  what: string,
  timeoutMs: number,
  done: () => Promise<boolean>,
): Promise<number> {
  const started = performance.now();
  while (!(await done())) {
    if (performance.now() - started > timeoutMs) {
      throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
    }
    await sleep(100);
  }
  return performance.now() - started;
}
