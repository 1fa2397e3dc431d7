/** Instructions of a Dockerfile that were due for one platform, and how many of their results a cache had. */
export interface BuildSteps {
  /** `linux/arm64`. */
  readonly platform: string;
  readonly cached: number;
  readonly total: number;
}

/**
 * `#9 [linux/amd64->arm64 make 2/3] COPY src /src`. The platforms are left out where there is one, the name of the
 * stage where there is one. What begins a stage is fetched and not built.
 */
const STEP = /^#(\d+) \[(?:(\w+)\/(\w+(?:\/\w+)?)(?:->(\w+(?:\/\w+)?))? )?(?:\S+ )?\d+\/\d+\] (?!FROM\b)/;
const CACHED = /^#(\d+) CACHED\s*$/;

/** Counts steps in the plain progress of BuildKit 0.33, which names each step before it says what became of it. */
export class StepCounter {
  readonly #platforms = new Map<string, string>();
  readonly #cached = new Set<string>();

  see(line: string): void {
    const [, number = '', os, own, target] = STEP.exec(line) ?? [];
    // For a step that runs on one platform to make something for another, that is the one that counts.
    if (number !== '') this.#platforms.set(number, os === undefined ? '' : `${os}/${target ?? own}`);
    const cached = CACHED.exec(line)?.[1];
    if (cached !== undefined) this.#cached.add(cached);
  }

  /** @param wanted platforms of the build; the first of them is meant where the progress names none */
  counted([first = '']: readonly string[]): readonly BuildSteps[] {
    const numbers = Map.groupBy(this.#platforms.keys(), (number) => this.#platforms.get(number) || first);
    return [...numbers].map(([platform, all]) => {
      const cached = all.filter((number) => this.#cached.has(number)).length;
      return { platform, cached, total: all.length };
    });
  }
}
