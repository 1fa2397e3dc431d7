import { accessorySubject, type SubjectKey, subjectKey } from '../../oci/accessory-tag.ts';
import type { Digest } from '../../oci/digest.ts';
import type { PackageVersion, Verdict } from '../../policy/retention-rules.ts';
import { type Edge, isLeaf, type ManifestNode } from './edges.ts';

/** Why a digest is alive. */
export type Link =
  | { readonly as: 'root'; readonly rule: string }
  | { readonly as: 'child' | 'referrer' | 'evidence'; readonly of: Digest };

/** Manifests to read next: of what lives, or of what may turn out to. Whoever reads them must fail when one that is there cannot be read. */
export interface ReadRequest {
  readonly digests: readonly Digest[];
  readonly purpose: 'live' | 'candidate';
}

/** The answer: a node, or `gone` (neither plane has it any more). */
export type ReadResults = ReadonlyMap<Digest, ManifestNode | 'gone'>;

export interface Liveness {
  readonly live: ReadonlyMap<Digest, Link>;
  readonly nodes: ReadonlyMap<Digest, ManifestNode>;
  /** Listed, but deleted by somebody else since. */
  readonly gone: ReadonlySet<Digest>;
  /** Children that a live index names and that nobody has; what is already broken is reported, never worsened. */
  readonly missing: ReadonlyMap<Digest, Digest>;
}

export interface LivenessInput {
  readonly versions: readonly PackageVersion[];
  /** The same by digest. */
  readonly listed: ReadonlyMap<Digest, PackageVersion>;
  /** By version id. */
  readonly verdicts: ReadonlyMap<number, Verdict>;
  /** Digests that are alive for another reason than a version's own verdict, with that reason. */
  readonly extraRoots?: ReadonlyMap<Digest, string>;
}

/**
 * The least fixpoint of "alive": roots, children of the living, referrers and evidence of the living,
 * at any depth. Pure: it asks for the manifests it needs by yielding, and asks for as few as are sound:
 * none when the policy dooms nothing; never a child whose descriptor says that it has no children;
 * a candidate only when the roots did not reach it.
 */
export function* resolveLiveness({
  extraRoots = new Map(),
  ...input
}: LivenessInput): Generator<ReadRequest, Liveness, ReadResults> {
  const set = new LiveSet(input);
  for (const [digest, rule] of extraRoots) set.addRoot(digest, rule);
  // Tagged roots first: they reach nearly everything, and each thing they reach is one read less.
  set.addRoots((version) => version.tags.length > 0);
  yield* set.settle();
  set.addRoots((version) => version.tags.length === 0);
  yield* set.settle();
  yield* set.questionCandidates();
  return set;
}

/** Manifests that are in memory at a time: of what they say, little is kept. */
const MOST_AT_ONCE = 1_000;
const NO_CHILDREN: readonly Edge[] = [];

class LiveSet implements Liveness {
  readonly live = new Map<Digest, Link>();
  readonly nodes = new Map<Digest, ManifestNode>();
  readonly gone = new Set<Digest>();
  readonly missing = new Map<Digest, Digest>();
  readonly #input: Omit<LivenessInput, 'extraRoots'>;
  readonly #evidence = new Map<SubjectKey, Digest[]>();
  readonly #referrers = new Map<Digest, Digest[]>();
  /** Versions that no rule keeps and that are not alive yet. */
  #undecided = 0;
  /** One link for each rule: a large package has as many roots as releases. */
  readonly #roots = new Map<string, Link>();
  readonly #toRead: Edge[] = [];

  constructor(input: Omit<LivenessInput, 'extraRoots'>) {
    this.#input = input;
    for (const { digest, tags } of input.versions) {
      if (this.#isUndecided(digest)) this.#undecided += 1;
      for (const tag of tags) this.#addEvidence(accessorySubject(tag), digest);
    }
  }

  /** Of what is listed, what the rules alone do not keep, unless it is alive or gone by now. */
  #isUndecided(digest: Digest): boolean {
    const version = this.#input.listed.get(digest);
    if (version === undefined || this.live.has(digest) || this.gone.has(digest)) return false;
    return this.#input.verdicts.get(version.id)?.is !== 'keep';
  }

  addRoot(digest: Digest, rule: string): void {
    const link = this.#roots.get(rule) ?? { as: 'root', rule };
    this.#roots.set(rule, link);
    this.#mark(undescribed(digest), link);
  }

  addRoots(chosen: (version: PackageVersion) => boolean): void {
    for (const version of this.#input.versions) {
      const verdict = this.#input.verdicts.get(version.id);
      if (verdict?.is === 'keep' && chosen(version)) this.addRoot(version.digest, verdict.rule);
    }
  }

  /** Reads what the living need, wave by wave, until nothing new comes alive or nothing is left to save. */
  *settle(): Generator<ReadRequest, void, ReadResults> {
    while (this.#toRead.length > 0 && this.#undecided > 0) {
      const digests = this.#toRead.splice(0, MOST_AT_ONCE).map((edge) => edge.digest);
      this.#learn(yield { digests, purpose: 'live' });
    }
  }

  /** What the roots did not reach may still be a referrer of the living; only its manifest can tell. */
  *questionCandidates(): Generator<ReadRequest, void, ReadResults> {
    const undecided = this.#undecided === 0 ? [] : this.#input.versions.filter((one) => this.#isUndecided(one.digest));
    const digests = undecided.flatMap(({ digest }) => (this.nodes.has(digest) ? [] : [digest]));
    if (digests.length === 0) return;
    for (let at = 0; at < digests.length; at += MOST_AT_ONCE)
      this.#learn(yield { digests: digests.slice(at, at + MOST_AT_ONCE), purpose: 'candidate' });
    yield* this.settle();
  }

  #addEvidence(key: SubjectKey | undefined, digest: Digest): void {
    if (key !== undefined) append(this.#evidence, key, digest);
  }

  #mark(edge: Edge, link: Link): void {
    const { digest } = edge;
    if (this.live.has(digest)) return;
    if (this.#isUndecided(digest)) this.#undecided -= 1;
    this.live.set(digest, link);
    for (const one of this.#evidenceOf(digest)) this.#mark(undescribed(one), { as: 'evidence', of: digest });
    for (const one of this.#referrers.get(digest) ?? []) this.#mark(undescribed(one), { as: 'referrer', of: digest });
    const node = this.nodes.get(digest);
    if (node !== undefined) this.#markChildren(node);
    else if (!isLeaf(edge)) this.#toRead.push(edge);
  }

  #evidenceOf(digest: Digest): readonly Digest[] {
    return this.#evidence.size === 0 ? [] : (this.#evidence.get(subjectKey(digest)) ?? []);
  }

  #markChildren(node: ManifestNode): void {
    const link: Link = { as: 'child', of: node.digest };
    for (const child of node.children) {
      if (!this.#input.listed.has(child.digest) && isLeaf(child)) this.missing.set(child.digest, node.digest);
      this.#mark(child, link);
    }
  }

  #learn(results: ReadResults): void {
    for (const [digest, result] of results) {
      if (result === 'gone') this.#lose(digest);
      else this.#know(result);
    }
  }

  #know(node: ManifestNode): void {
    this.nodes.set(node.digest, node);
    if (node.subject !== undefined) append(this.#referrers, node.subject, node.digest);
    // What is about a missing part stays too: the part may come back.
    if (node.subject !== undefined && (this.live.has(node.subject) || this.missing.has(node.subject))) {
      this.#mark(undescribed(node.digest), { as: 'referrer', of: node.subject });
    }
    if (!this.live.has(node.digest)) return;
    this.#markChildren(node);
    // They are alive, and stay so; nobody asks again which they were.
    this.nodes.set(node.digest, { ...node, children: NO_CHILDREN });
  }

  #lose(digest: Digest): void {
    const link = this.live.get(digest);
    if (this.#isUndecided(digest)) this.#undecided -= 1;
    if (link?.as === 'child' && !this.#input.listed.has(digest)) this.missing.set(digest, link.of);
    else this.gone.add(digest);
    this.live.delete(digest);
  }
}

/** An edge that nobody described: it has to be read to know its children. */
function undescribed(digest: Digest): Edge {
  return { digest, mediaType: '', size: 0 };
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
