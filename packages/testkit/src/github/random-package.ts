import { fallbackTag } from './image-shapes.ts';
import type { PruneScene } from './prune-scene.ts';
import type { Random } from './random.ts';

const TAGS = ['v1', 'v2', 'latest', 'dev', 'nightly', 'sha', 'pr', 'x'];
/** Days; what a run waits must not carry a version over the limit of a rule, which all are whole days. */
const STEP = 0.05;
const SUFFIXES = ['', '.sig', '.att', '.sbom'];

/** Fills a package with a random graph: images and artifacts, nesting, shared children, referrers, evidence tags, several tags on one version. */
export function fillAtRandom(scene: PruneScene, random: Random, size: number): void {
  const digests: string[] = [];
  for (let step = 0; step < size; step += 1) {
    if (random.chance(0.3)) scene.wait(random.below(60) * STEP);
    digests.push(pushOne(scene, random, { digests, step }));
  }
  for (let moves = random.below(4); moves > 0; moves -= 1) {
    scene.state.tag(random.pick([...scene.state.tags.keys(), 'moved']), random.pick(digests));
  }
  scene.wait((random.below(120) + 0.5) * STEP);
}

interface Growth {
  readonly digests: readonly string[];
  readonly step: number;
}

function pushOne({ shapes }: PruneScene, random: Random, { digests, step }: Growth): string {
  const tags = random.chance(0.35) ? ordinaryTags(random) : [];
  const target = digests.length > 0 && random.chance(0.25) ? random.pick(digests) : undefined;
  const evidence = target !== undefined && random.chance(0.5) ? [fallbackTag(target, random.pick(SUFFIXES))] : [];
  const subject = target !== undefined && (evidence.length === 0 || random.chance(0.3)) ? { subject: target } : {};
  const options = { tags: [...tags, ...evidence], ...subject };
  const children = random.chance(0.45) ? random.some(digests.slice(-12), 4) : [];
  if (children.length > 0) return shapes.index(children, { ...options, note: `${step}` });
  return random.chance(0.2) ? shapes.artifact(`artifact ${step}`, options) : shapes.image(`image ${step}`, options);
}

function ordinaryTags(random: Random): string[] {
  const tag = () => {
    const family = random.pick(TAGS);
    return family === 'latest' ? family : `${family}${family.startsWith('v') ? '.' : '-'}${random.below(9)}`;
  };
  return Array.from({ length: 1 + random.below(2) }, tag);
}

/** A random `retention:` section over the same families of tags. */
export function randomRetention(random: Random, digests: readonly string[]): unknown {
  const keep = () => {
    const rules: object[] = [
      { last: random.below(4) },
      { 'younger-than': `${random.below(9)}d` },
      { semver: random.pick(['all', 'newest-per-minor', 'newest-per-major']) },
      { last: random.below(3), 'younger-than': `${random.below(5)}d` },
    ];
    return random.chance(0.1) ? 'all' : random.pick(rules);
  };
  const match = () =>
    random.pick([['v*'], ['dev-*', 'sha-*', 'pr-*'], ['nightly-*'], ['*', '!v*'], ['/v[0-9].*/'], ['*']]);
  const channels = Array.from({ length: 1 + random.below(3) }, (_, index) => ({
    name: `c${index}`,
    match: match(),
    keep: keep(),
  }));
  return {
    ...(random.chance(0.85) && { channels }),
    untagged: { 'delete-after': random.pick(['0s', '1d', '3d', 'never']) },
    protect: { digests: random.chance(0.4) ? random.some(digests, 3) : [] },
  };
}
