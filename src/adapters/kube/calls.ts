import { Counter } from '@prometheus-io/client';

/** Counts calls to the API server. `code` 0: no answer came. */
export function callCounter(): Counter<'method' | 'code'> {
  return new Counter({
    name: 'osv_faas_api_requests_total',
    help: 'Calls to the API server; a watch counts once, when it begins.',
    labelNames: ['method', 'code'],
    registers: [],
  });
}
