import { checkId } from './check-id.ts';
import { isDistro } from './distro.ts';
import type { Finding, FoundPackage } from './findings.ts';
import { foldPackageUrl } from './package-url-case.ts';
import { matchesPath } from './path-pattern.ts';
import type { Suppression } from './suppression.ts';

/** One path on one platform; what is in the source is on none. */
export interface Place {
  readonly path: string;
  readonly platform?: string;
}

/** Operating systems by platform, such as `debian 12.11`. */
export type Systems = ReadonlyMap<string, string>;

interface Matching {
  readonly systems: Systems;
  /** Whether what cannot be told counts as a match: so for what is said to be affected, never for what is said to be clear. */
  readonly whenInDoubt: boolean;
}

/** Suppressions, or their opposites, by what they are about: a feed has tens of thousands of them. */
export class SuppressionIndex {
  readonly #byName = new Map<string, Suppression[]>();
  readonly #rank = new Map<Suppression, number>();
  readonly #matching: Matching;

  constructor(listed: readonly Suppression[], matching: Matching) {
    this.#matching = matching;
    for (const [at, each] of listed.entries()) {
      this.#rank.set(each, at);
      for (const name of namesOf(each)) {
        const others = this.#byName.get(name);
        if (others === undefined) this.#byName.set(name, [each]);
        else others.push(each);
      }
    }
  }

  /** Those that are about the finding in one of its places at least, in their order. */
  of(finding: Finding): readonly Suppression[] {
    const named = new Set(keysOf(finding).flatMap((key) => this.#byName.get(key) ?? []));
    const places = placesOf(finding);
    return [...named]
      .filter((each) => this.#isAbout(each, finding) && places.some((place) => this.covers(each, place)))
      .toSorted((one, other) => (this.#rank.get(one) ?? 0) - (this.#rank.get(other) ?? 0));
  }

  covers({ paths, platform, platforms, distro }: Suppression, place: Place): boolean {
    if (platform !== undefined && platform !== place.platform) return false;
    if (platforms !== undefined && !platforms.some((each) => each === place.platform)) return false;
    if (distro !== undefined && !this.#runs(distro, place)) return false;
    return paths === undefined || paths.some((pattern) => matchesPath(pattern, place.path));
  }

  #runs(distro: string, { platform }: Place): boolean {
    const system = platform === undefined ? undefined : this.#matching.systems.get(platform);
    return system === undefined ? this.#matching.whenInDoubt && platform !== undefined : isDistro(distro, system);
  }

  #isAbout(suppression: Suppression, finding: Finding): boolean {
    switch (finding.kind) {
      case 'secret':
      case 'misconfiguration':
        return suppression.package === undefined;
      case 'licence':
      case 'vulnerability':
        return this.#isOfPackage(suppression, finding.package);
    }
  }

  #isOfPackage({ package: wanted, version }: Suppression, { name, purl, versions }: FoundPackage): boolean {
    if (wanted !== undefined && wanted !== name && foldPackageUrl(wanted) !== foldPackageUrl(purl)) return false;
    if (version === undefined) return true;
    return this.#matching.whenInDoubt
      ? versions.some((each) => each === version || each === '')
      : versions.every((each) => each === version);
  }
}

/** Every place by itself; what several platforms share is one place on each. */
export function placesOf({ places }: Finding): readonly Place[] {
  return places.flatMap((place): readonly Place[] => {
    const path = place.path ?? '';
    return place.in === 'source' ? [{ path }] : place.platforms.map((platform) => ({ path, platform }));
  });
}

function namesOf({ id, aliases = [] }: Suppression): readonly string[] {
  return [...new Set([id, ...aliases].flatMap((name) => [name, checkKey(name)]))];
}

function keysOf(finding: Finding): readonly string[] {
  switch (finding.kind) {
    case 'secret':
      // By fingerprint only: a rule id would also let the next secret of the same kind through.
      return [finding.fingerprint];
    case 'misconfiguration':
      return [checkKey(finding.id)];
    case 'licence':
      return [finding.id];
    case 'vulnerability':
      return [finding.id, ...finding.aliases];
  }
}

function checkKey(id: string): string {
  return `check ${checkId(id)}`;
}
