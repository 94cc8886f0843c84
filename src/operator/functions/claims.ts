import type { Function } from '../../api/types.ts';
import { settleClaims, type ClaimProblem } from '../../domain/routing/claims.ts';
import type { HostPolicy } from '../../domain/routing/policy.ts';
import { routeOf } from '../../domain/routing/route.ts';
import type { Informer } from '../../runtime/kube.ts';

type Problems = ReadonlyMap<string, ClaimProblem>;

/** Which Functions do not get the hosts and paths that they claim, as every gateway decides it too. */
export class ClaimBook {
  readonly #functions: Informer<Function>;
  readonly #policy: HostPolicy;
  readonly #news: (key: string) => void;
  /** Undefined after a change: many changes of one turn are settled once. */
  #problems: Problems | undefined;
  #told: Problems = new Map();
  #scheduled = false;

  /** @param news called for each Function whose claims are settled otherwise than before */
  constructor(functions: Informer<Function>, policy: HostPolicy, news: (key: string) => void) {
    this.#functions = functions;
    this.#policy = policy;
    this.#news = news;
    functions.on((event) => {
      const isStatus =
        event.type === 'updated' &&
        event.previous.metadata.generation === event.object.metadata.generation &&
        event.previous.metadata.deletionTimestamp === event.object.metadata.deletionTimestamp;
      if (!isStatus) this.#changed();
    });
  }

  problemOf(key: string): ClaimProblem | undefined {
    return this.#settled().get(key);
  }

  #changed(): void {
    this.#problems = undefined;
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#tell(this.#settled());
    });
  }

  #settled(): Problems {
    this.#problems ??= settleClaims(
      this.#functions.list().flatMap((fn) => routeOf(fn) ?? []),
      this.#policy,
    ).problems;
    return this.#problems;
  }

  #tell(problems: Problems): void {
    const before = this.#told;
    this.#told = problems;
    for (const key of new Set([...before.keys(), ...problems.keys()])) {
      if (before.get(key)?.message !== problems.get(key)?.message) this.#news(key);
    }
  }
}
