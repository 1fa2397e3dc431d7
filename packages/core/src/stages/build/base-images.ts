import { type Digest, isDigest } from '../../oci/digest.ts';
import { fullName } from '../../oci/reference.ts';
import { pick, pickText } from '../../runtime/pick.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import { parseDockerfile } from '../dockerfile/stages.ts';
import type { BuildStatement } from '../sign/buildkit.ts';

/** A base image that the Dockerfile names by a tag, which may point elsewhere tomorrow. */
export interface MutableBase {
  /** As it stands in the Dockerfile, or the canonical name where it does not stand there as it is. */
  readonly name: string;
  /** What the build used. */
  readonly digest: Digest;
  /** One-based line of the first `FROM` that names it. */
  readonly line?: number;
}

/**
 * The bases that a build took by tag alone, as its provenance lists them, with the digest to pin.
 * @param dockerfile the text of it
 */
export function mutableBases(statements: readonly BuildStatement[], dockerfile: string): readonly MutableBase[] {
  const provenance = statements.filter(({ statement }) => statement.predicateType === PREDICATE_TYPES.slsaprovenance1);
  const found = provenance.flatMap(({ statement }) => dependenciesOf(statement.predicate)).flatMap(taggedImage);
  const unique = new Map(found.map((image) => [image.name, image]));
  const written = fromLines(dockerfile);
  return [...unique.values()].map((image) => ({ ...image, ...written.get(image.name) }));
}

function dependenciesOf(predicate: unknown): readonly unknown[] {
  const listed = pick(predicate, 'buildDefinition', 'resolvedDependencies');
  return Array.isArray(listed) ? listed : [];
}

/** `pkg:docker/ghcr.io/acme/base@1.2?platform=…`; one that was given by digest has that among its qualifiers. */
function taggedImage(dependency: unknown): readonly MutableBase[] {
  const [, name, tag, qualifiers = ''] =
    /^pkg:docker\/([^@?]+)@([^?]+)(?:\?(.*))?$/.exec(pickText(dependency, 'uri') ?? '') ?? [];
  const hex = pickText(dependency, 'digest', 'sha256');
  const digest = `sha256:${hex}`;
  if (name === undefined || tag === undefined || /(?:^|&)digest=/.test(qualifiers) || !isDigest(digest)) return [];
  const canonical = fullName(`${decodeURIComponent(name)}:${decodeURIComponent(tag)}`);
  return canonical === undefined ? [] : [{ name: canonical, digest }];
}

function fromLines(dockerfile: string): ReadonlyMap<string, { readonly name: string; readonly line: number }> {
  const lines = new Map<string, { name: string; line: number }>();
  for (const { base: name, from } of parseDockerfile(dockerfile).stages) {
    const canonical = fullName(name);
    if (canonical !== undefined && !lines.has(canonical)) lines.set(canonical, { name, line: from.line });
  }
  return lines;
}
