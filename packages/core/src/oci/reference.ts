import { PlimsollError } from '../runtime/errors.ts';
import { type Digest, parseDigest } from './digest.ts';

/** A repository of one registry, in canonical form (`docker.io/library/alpine`, never `alpine`). */
export interface RepositoryName {
  /** Host in lower case, with its port if one was written: `ghcr.io`, `localhost:5000`, `[::1]:5000`. */
  readonly registry: string;
  readonly repository: string;
}

/** An image reference: a repository and, of tag and digest, what was written. */
export interface Reference extends RepositoryName {
  readonly tag?: string;
  readonly digest?: Digest;
}

const DEFAULT_REGISTRY = 'docker.io';
const LONGEST_NAME = 255;

const HOST_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const REGISTRY = new RegExp(`^(?:${HOST_LABEL}(?:\\.${HOST_LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]{1,5})?$`);
const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** True when the text can be a tag (distribution specification, "Pulling manifests"). */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/**
 * Reads `[registry/]repository[:tag][@digest]` as the docker command line does: a first part with a
 * dot or a port, or `localhost`, is the registry; otherwise it is docker.io. No tag is invented.
 *
 * @throws PlimsollError `reference-invalid`, `digest-invalid`
 */
export function parseReference(text: string): Reference {
  const at = text.indexOf('@');
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const name = parseName(colon < 0 ? named : named.slice(0, colon), text);
  const tag = colon < 0 ? undefined : parseTag(named.slice(colon + 1), text);
  const digest = at < 0 ? undefined : parseDigest(text.slice(at + 1));
  return { ...name, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/**
 * A reference that says exactly which bytes are meant.
 *
 * @throws PlimsollError `digest-required` when only a tag, or neither, was written
 */
export function parseDigestReference(text: string): Reference & { readonly digest: Digest } {
  const reference = parseReference(text);
  if (reference.digest !== undefined) return { ...reference, digest: reference.digest };
  throw new PlimsollError('digest-required', `"${text}" does not name a digest`, {
    hint: `Write ${repositoryLabel(reference)}@sha256:… with the digest that the job before gave as output.`,
  });
}

/** @throws PlimsollError `reference-invalid` also when a tag or digest was written */
export function parseRepositoryName(text: string): RepositoryName {
  const { registry, repository, tag, digest } = parseReference(text);
  if (tag === undefined && digest === undefined) return { registry, repository };
  throw new PlimsollError(
    'reference-invalid',
    `"${text}" names a ${digest ? 'digest' : 'tag'} where only a repository is due`,
    {
      hint: `Write ${repositoryLabel({ registry, repository })}.`,
    },
  );
}

/** `registry/repository`, as a person writes it and as tools that are not ours accept it. */
export function repositoryLabel(name: RepositoryName): string {
  return `${name.registry}/${name.repository}`;
}

/** The canonical text; {@link parseReference} of it gives an equal reference. */
export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${repositoryLabel(reference)}${tag}${digest}`;
}

/**
 * `docker.io/library/alpine:latest` for `alpine`: what names of images, and of contexts in their place, are compared by.
 * @returns nothing for a text that is no reference
 */
export function fullName(text: string): string | undefined {
  try {
    const { tag = 'latest', ...name } = parseReference(text);
    return formatReference({ ...name, tag });
  } catch (error) {
    if (error instanceof PlimsollError) return undefined;
    throw error;
  }
}

function parseName(name: string, whole: string): RepositoryName {
  const { registry, repository: given } = splitRegistry(name);
  // `github.repository` has the capitals of its owner, no expression lowers them, and no registry has any.
  const repository = given.toLowerCase();
  if (!REGISTRY.test(registry))
    throw invalid(whole, `"${registry}" is not a registry host`, 'Write it as ghcr.io/owner/name.');
  if (!REPOSITORY.test(repository)) {
    throw invalid(
      whole,
      `"${repository}" is not a repository name`,
      'Write it as ghcr.io/owner/name, without https:// in front.',
    );
  }
  if (registry.length + 1 + repository.length > LONGEST_NAME) {
    throw invalid(whole, `the name is longer than ${LONGEST_NAME} characters`, 'Choose a shorter repository name.');
  }
  return { registry: registry.toLowerCase(), repository };
}

function splitRegistry(name: string): RepositoryName {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  if (first === 'localhost' || /[.:]/.test(first)) return canonicalHub(first, name.slice(slash + 1));
  return canonicalHub(DEFAULT_REGISTRY, name);
}

/** Docker Hub has two names, and its official images live below `library/`. */
function canonicalHub(registry: string, repository: string): RepositoryName {
  const host = registry.toLowerCase();
  if (host !== DEFAULT_REGISTRY && host !== `index.${DEFAULT_REGISTRY}`) return { registry, repository };
  return { registry: DEFAULT_REGISTRY, repository: repository.includes('/') ? repository : `library/${repository}` };
}

function parseTag(tag: string, whole: string): string {
  if (isTag(tag)) return tag;
  throw invalid(
    whole,
    `"${tag.slice(0, 140)}" is not a tag`,
    'A tag has at most 128 letters, digits, dots, dashes and underscores.',
  );
}

function invalid(whole: string, why: string, hint: string): PlimsollError {
  return new PlimsollError('reference-invalid', `"${whole.slice(0, 300)}" is not an image reference: ${why}`, { hint });
}
