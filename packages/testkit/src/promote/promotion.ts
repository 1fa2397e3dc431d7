import { noCredentials } from '@plimsoll/core/oci/auth/credentials';
import { executeCopy } from '@plimsoll/core/oci/copy';
import { planCopy } from '@plimsoll/core/oci/copy-plan';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import { isFailure } from '@plimsoll/core/runtime/errors';
import { findSource } from '@plimsoll/core/stages/promote/plan-legs';
import { applyTags, lookAtTags, planTags } from '@plimsoll/core/stages/tags';
import { Random } from '../github/random.ts';
import { QuickClock } from '../registry/fixtures.ts';
import type { MemoryRepository } from '../registry/memory-store.ts';
import type { Fault, RegistryRequest } from '../registry/memory-wire.ts';
import type { DirectRegistry } from './direct-http.ts';
import { putRandomImage } from './random-image.ts';
import { walkStore } from './store-walker.ts';

export const TAG = 'v1.0.0';
const NAME = 'acme/app';

/** One end of a promotion. */
export interface End {
  readonly registry: Pick<DirectRegistry, 'repository' | 'requests'> &
    Partial<Pick<DirectRegistry, 'http'>> & { onRequest: (request: RegistryRequest) => Fault | Promise<Fault> };
  /** Not a loopback name where `registry` has no socket. */
  readonly host: string;
  /** Whether it lists referrers itself. */
  readonly listed: boolean;
}

/** What one try came to: `done`, or the code of the error. */
export type Outcome = string;

/** A random image at one end, and what is to arrive at the other. */
export class Promotion {
  readonly source: End;
  readonly destination: End;
  readonly #root: string;

  constructor(seed: number, ends: { readonly source: End; readonly destination: End }) {
    this.source = ends.source;
    this.destination = ends.destination;
    const { root } = putRandomImage(this.#from, new Random(seed), this.source.listed);
    this.#root = root.digest;
    this.#from.tags.set(TAG, root.digest);
  }

  get #from(): MemoryRepository {
    return this.source.registry.repository(NAME);
  }

  get #to(): MemoryRepository {
    return this.destination.registry.repository(NAME);
  }

  /** One run of the whole: look up, plan, copy, tag. Anything but a typed failure is thrown. */
  async run(): Promise<Outcome> {
    const clock = new QuickClock();
    const source = connect(this.source, clock);
    const target = connect(this.destination, clock);
    const wanted = [{ name: TAG, class: 'immutable' }] as const;
    try {
      const [root, seen] = await Promise.all([findSource(TAG, source), lookAtTags(target, wanted)]);
      const tags = planTags(seen, root.digest, wanted);
      const published = tags.moves.some(({ before }) => before === root.digest);
      const plan = await planCopy({ source, target, root, referrers: true, published });
      await executeCopy(plan, { source, target, clock });
      await applyTags(target, tags);
      return 'done';
    } catch (error) {
      if (isFailure(error)) return error.code;
      throw error;
    }
  }

  /** Everything that a consumer of the source finds and a consumer of the destination does not. */
  missing(): readonly string[] {
    const there = walkStore(this.#to, this.#root, this.destination.listed);
    return [...walkStore(this.#from, this.#root, this.source.listed)].filter((part) => !there.has(part));
  }

  /** Whether the destination's tag is written. */
  get tagged(): boolean {
    return this.#to.tags.has(TAG);
  }
}

function connect({ registry, host }: End, clock: QuickClock): Repository {
  const { http } = registry;
  const registries = new Registries({ credentials: noCredentials, clock, ...(http === undefined ? {} : { http }) });
  return registries.repository({ registry: host, repository: NAME }, 'push');
}
