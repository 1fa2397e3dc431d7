import { type Digest, hexOf } from '../../oci/digest.ts';
import { fullName } from '../../oci/reference.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { pick, pickText } from '../../runtime/pick.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { BuildOptions } from '../../tools/build-options.ts';
import type { Annotation } from '../../tools/buildx.ts';
import type { BuildEvidence } from './build-evidence.ts';
import { finalBase } from './final-base.ts';

/** A vetted image that another one is built on. */
export interface MemberBase {
  /** What the Dockerfile calls it. */
  readonly context: string;
  /** What it is called once it is published: `registry/repository:sha-<commit>`. */
  readonly reference: string;
  readonly digest: Digest;
  /** Directory of the layout that has it. */
  readonly layout: string;
}

/** What of a build depends on its bases. */
interface BuildOnBases {
  readonly bases?: readonly MemberBase[] | undefined;
  readonly platforms: readonly string[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: readonly Annotation[];
  readonly options: BuildOptions;
}

/**
 * The request with the bases as named contexts, of which BuildKit takes each platform from the same platform, and with
 * what the image says of the one that it begins with.
 */
export function onBases<Request extends BuildOnBases>(request: Request, dockerfile: string): Request {
  const { bases = [], platforms, buildArgs, labels, annotations, options } = request;
  if (bases.length === 0) return request;
  const names = [...Object.keys(options.buildContexts ?? {}), ...bases.map(({ context }) => context)];
  const begins = finalBase(dockerfile, { target: options.target, buildArgs, platforms, contexts: names });
  const own = begins === undefined ? undefined : bases.find(({ context }) => fullName(context) === fullName(begins));
  const keys = own === undefined ? {} : baseKeys(own);
  const contexts = bases.map(({ context, layout, digest }) => [context, `oci-layout://${layout}@${digest}`]);
  return {
    ...request,
    labels: { ...labels, ...keys },
    annotations: [...annotations, ...baseAnnotations(keys)],
    options: { ...options, buildContexts: { ...options.buildContexts, ...Object.fromEntries(contexts) } },
  };
}

/** What an image says of its base (image-spec, annotations.md). */
function baseKeys({ reference, digest }: MemberBase): Readonly<Record<string, string>> {
  return { 'org.opencontainers.image.base.name': reference, 'org.opencontainers.image.base.digest': digest };
}

/** The same on the index and on every platform. */
function baseAnnotations(keys: Readonly<Record<string, string>>): readonly Annotation[] {
  return (['index', 'manifest'] as const).flatMap((level) =>
    Object.entries(keys).map(([key, value]) => ({ level, key, value })),
  );
}

/**
 * What is said to be needed and was not used is a Dockerfile that takes its base from somewhere else. The provenance of
 * every platform has to name every base; a platform without one proves nothing.
 *
 * @throws PlimsollError `base-unused`
 */
export function requireBases(bases: readonly MemberBase[], { shape, statements }: BuildEvidence): void {
  const provenances = statements.filter(({ statement }) => statement.predicateType === PREDICATE_TYPES.slsaprovenance1);
  for (const { name, descriptor } of bases.length === 0 ? [] : shape.platforms) {
    const own = provenances.filter(({ platform }) => platform === descriptor.digest);
    if (own.length === 0) throw unproved(name);
    const used = own.map(({ statement }) => dependencyDigests(statement.predicate));
    const unused = bases.find(({ digest }) => used.some((digests) => !digests.has(hexOf(digest))));
    if (unused !== undefined) throw unusedBase(unused);
  }
}

function unproved(platform: string): PlimsollError {
  return new PlimsollError('base-unused', `No provenance of ${platform} says what it was built on`, {
    hint: 'Write "provenance: max", and use a builder that writes provenance for every platform.',
  });
}

function unusedBase({ context, reference }: MemberBase): PlimsollError {
  return new PlimsollError('base-unused', `The build did not use "${context}", which is ${reference}`, {
    hint: `Write "FROM ${context}" in the Dockerfile, or take "${context}" out of "needs".`,
  });
}

function dependencyDigests(predicate: unknown): ReadonlySet<string> {
  const listed = pick(predicate, 'buildDefinition', 'resolvedDependencies');
  const dependencies: readonly unknown[] = Array.isArray(listed) ? listed : [];
  return new Set(dependencies.flatMap((each) => pickText(each, 'digest', 'sha256') ?? []));
}
