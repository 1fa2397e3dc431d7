import type { Fault, RecordedRequest, RegistryFront } from '../world/registry/front.ts';
import { parseRoute } from '../world/registry/route.ts';

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** Decides about one request: a fault, or `undefined` to let it pass. */
export type FaultRule = (request: RecordedRequest) => Fault | undefined | Promise<Fault | undefined>;

/** Faults by repository, so that tests of one registry can run side by side, each with a repository of its own. */
export class FaultBoard {
  readonly #front: RegistryFront;
  readonly #rules = new Map<string, FaultRule>();

  constructor(front: RegistryFront) {
    this.#front = front;
    front.intercept = (request) => this.#rules.get(repositoryOf(request) ?? '')?.(request);
  }

  /** @param rule `undefined` lets everything pass again */
  set(repository: string, rule: FaultRule | undefined): void {
    if (rule === undefined) this.#rules.delete(repository);
    else this.#rules.set(repository, rule);
  }

  /** What the registry was asked about this repository so far, in order. */
  requests(repository: string): readonly RecordedRequest[] {
    return this.#front.requests.filter((request) => repositoryOf(request) === repository);
  }

  /** The requests that would have changed something, whether they were granted or not. */
  writes(repository: string): readonly string[] {
    return this.requests(repository)
      .filter(({ method }) => !READS.has(method))
      .map(({ method, path }) => `${method} ${path.split('?')[0]}`);
  }

  /** The tags that somebody tried to write. Fallback tags of referrers name evidence and are none. */
  tagWrites(repository: string): readonly string[] {
    return this.requests(repository).flatMap(({ method, path }) => {
      const tag = method === 'PUT' ? /\/manifests\/([^:/?]+)$/.exec(path)?.[1] : undefined;
      return tag === undefined || /^sha256-[0-9a-f]{64}$/.test(tag) ? [] : [tag];
    });
  }

  /** The manifests that were stored, by tag or digest. */
  manifests(repository: string): readonly string[] {
    return this.requests(repository).flatMap(({ method, path, status }) => {
      const reference = /\/manifests\/([^/?]+)$/.exec(path)?.[1];
      return method === 'PUT' && status === 201 && reference !== undefined ? [reference] : [];
    });
  }
}

function repositoryOf({ path }: RecordedRequest): string | undefined {
  const route = parseRoute(path.split('?')[0] ?? '/');
  return 'name' in route ? route.name : undefined;
}
