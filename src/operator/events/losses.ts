import type { OsvPool } from '../../api/types.ts';
import { redact } from '../../domain/redact.ts';
import type { Informer } from '../../runtime/kube.ts';
import type { ApplicationRegistry } from '../applications/registry.ts';
import { LastWords, type LastWordsOptions, type Loss } from '../vms/last-words.ts';
import type { Teller } from './teller.ts';

export interface LossesOptions extends Omit<LastWordsOptions, 'lost'> {
  readonly pools: Pick<Informer<OsvPool>, 'get'>;
  readonly registry: Pick<ApplicationRegistry, 'get'>;
  readonly teller: Pick<Teller, 'pool' | 'application'>;
}

/** Hears why VMs are lost, and tells it; consoles are read where the pool keeps them. */
export function hearLosses(options: LossesOptions, lost: (loss: Loss) => void): LastWords {
  return new LastWords({
    ...options,
    readConsole: async (vm) => {
      const kept = options.pools.get(vm.pool)?.spec.machine.serialLog === true;
      return kept ? options.readConsole(vm) : undefined;
    },
    lost: (loss) => {
      lost(loss);
      tell(options, loss);
    },
  });
}

/** What an application's VM wrote is told to its own Functions only. */
function tell({ teller, registry }: LossesOptions, { vm, from, cause, words }: Loss): void {
  if (from === 'starting') {
    teller.pool(vm.pool, 'VmNotStarted', words);
    return;
  }
  const application = vm.binding?.application;
  teller.pool(vm.pool, 'VmLost', application === undefined ? words : cause);
  if (application === undefined) return;
  const clean = registry.get(application)?.bundle.redact ?? redact;
  teller.application(application, 'VmLost', clean(words));
}
