import type { Suppression } from '../../policy/suppression.ts';
import { barePurl, installedVersion, qualifiersOf, versionOf } from './package-url.ts';
import { architectureOf, isOfArchitecture } from './package-architecture.ts';

/** What is judged, as the products of a VEX document name it. */
export interface VexImage {
  /** `ghcr.io/acme/app`. */
  readonly name: string;
  /** Of the root; absent when only the source tree is scanned. */
  readonly digest?: string | undefined;
  readonly platforms: readonly { readonly platform: string; readonly digest: string }[];
  /** Patterns of the paths of an artifact that is no image. */
  readonly files?: readonly string[] | undefined;
}

/** What a statement is about: a package, a version of it, or everything in the image when both are absent. */
export type VexScope = Pick<Suppression, 'package' | 'version' | 'platforms' | 'distro' | 'paths'>;

/** A product as far as it can be told: nothing, when it is another image. */
export interface VexProduct {
  readonly scopes: readonly VexScope[];
  /** Why it cannot be told what exactly is meant; then the scopes are too wide. */
  readonly doubt?: string | undefined;
}

const NOTHING: VexProduct = { scopes: [] };
/** Qualifiers that say nothing of which package is meant, or that are compared. */
const READ = new Set(['arch', 'distro', 'epoch', 'upstream', 'package-id']);
/** What a package of its kind is unless it says otherwise. */
const USUAL = new Set(['type=jar', 'type=module']);

export function packageProduct(purl: string, { platforms }: Pick<VexImage, 'platforms'>): VexProduct {
  const qualifiers = qualifiersOf(purl);
  const version = installedVersion(purl);
  const distro = qualifiers.get('distro');
  const scope: VexScope = {
    package: barePurl(purl),
    ...(version === undefined ? {} : { version }),
    ...(distro === null ? {} : { distro }),
  };
  const architecture = architectureOf(purl);
  const limited = architecture === undefined ? {} : { platforms: namesOf(platforms, architecture) };
  const other = [...qualifiers].find(([key, value]) => !READ.has(key) && !USUAL.has(`${key}=${value}`));
  const doubt = other === undefined ? undefined : `whether a package has "${other[0]}=${other[1]}" cannot be told`;
  return { scopes: [{ ...scope, ...limited }], doubt };
}

/**
 * A product is a package, or this image with the packages in it that are meant; of another image it says nothing.
 *
 * @param parts - package URLs of the components that are meant; the whole product when there are none
 */
export function productOf(purl: string, parts: readonly string[], image: VexImage): VexProduct {
  if (!purl.startsWith('pkg:oci/')) {
    if (parts.length === 0) return packageProduct(purl, image);
    return { scopes: [], doubt: 'whether the components are in that product here cannot be told' };
  }
  if (!isImage(purl, image)) return NOTHING;
  const within = insideOf(purl, image);
  const tag = versionOf(purl) === undefined ? qualifiersOf(purl).get('tag') : null;
  const products = parts.map((part) => packageProduct(part, image));
  const scopes = products.length === 0 ? [{}] : products.flatMap((each) => each.scopes);
  return {
    scopes: scopes.map((scope) => narrowed(scope, within)),
    doubt: tag === null ? products.find(({ doubt }) => doubt !== undefined)?.doubt : 'a tag may be any digest',
  };
}

/** `pkg:oci/app@sha256:…?repository_url=ghcr.io/acme/app` (package-url specification, "oci"). */
function isImage(purl: string, { name, digest, platforms }: VexImage): boolean {
  const wanted = versionOf(purl);
  if (wanted !== undefined && wanted !== digest && platforms.every((each) => each.digest !== wanted)) return false;
  const url = qualifiersOf(purl).get('repository_url');
  if (url !== null) return url === name;
  return wanted !== undefined || barePurl(purl) === `pkg:oci/${name.split('/').at(-1) ?? name}`;
}

/** Where in what is judged the image is: on the platforms that are meant, or in the files; never in the source tree. */
function insideOf(purl: string, { digest, platforms, files }: VexImage): VexScope {
  if (files !== undefined) return { paths: files };
  const wanted = versionOf(purl);
  const meant = platforms.filter((each) => wanted === undefined || wanted === digest || wanted === each.digest);
  return { platforms: namesOf(meant, architectureOf(purl)) };
}

function namesOf(platforms: VexImage['platforms'], architecture: string | undefined): readonly string[] {
  return platforms
    .map(({ platform }) => platform)
    .filter((platform) => architecture === undefined || isOfArchitecture(platform, architecture));
}

function narrowed(scope: VexScope, within: VexScope): VexScope {
  if (within.platforms === undefined || scope.platforms === undefined) return { ...scope, ...within };
  return { ...scope, platforms: within.platforms.filter((each) => scope.platforms?.includes(each) === true) };
}
