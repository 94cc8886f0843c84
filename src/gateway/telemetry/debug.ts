import type { GatewayContext } from '../context.ts';
import type { Endpoints } from '../capacity/endpoints.ts';

/** What /debug/applications shows: enough to say why a request waits. */
export function describeApplications(context: GatewayContext, endpoints: Endpoints): unknown {
  const now = performance.now();
  const applications = [...context.dispatcher.applications.values()].map((application) => ({
    ...application.demand(now),
    queuedBytes: application.queuedBytes,
    refusal: application.refusal,
    vms: [...application.vms.values()].map((vm) => ({
      vmId: vm.vmId,
      address: vm.address,
      slots: vm.slots,
      inFlight: vm.inFlight,
      idleConnections: vm.idleConnections,
      quarantined: vm.held || vm.endHold !== undefined,
      strikes: vm.strikes,
      boundAt: new Date(vm.boundAt).toISOString(),
    })),
  }));
  const active: Record<string, number> = {};
  context.active.forEach(({ stage }) => {
    active[stage] = (active[stage] ?? 0) + 1;
  });
  return { endpointsKnown: endpoints.known, active, applications };
}
