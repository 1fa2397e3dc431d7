import type { Suppression } from '../../policy/gate.ts';
import { barePurl, versionOf } from './package-url.ts';

/** The image that is judged, as VEX products name it. */
export interface VexImage {
  /** `ghcr.io/acme/app`. */
  readonly name: string;
  /** Of the root and of every platform. */
  readonly digests: readonly string[];
}

/** What a VEX statement is about: a package, a version of it, or everything when both are absent. */
export type VexScope = Pick<Suppression, 'package' | 'version'>;

export function packageScope(purl: string): VexScope {
  const version = versionOf(purl);
  return { package: barePurl(purl), ...(version === undefined ? {} : { version }) };
}

/**
 * A product is a package, or this image with the packages in it that are meant; of another image it says nothing.
 *
 * @param parts - package URLs of the components that are meant; the whole product when there are none
 */
export function scopesOfProduct(purl: string, parts: readonly string[], image: VexImage): readonly VexScope[] {
  if (!purl.startsWith('pkg:oci/')) return [packageScope(purl)];
  if (!isImage(purl, image)) return [];
  return parts.length === 0 ? [{}] : parts.map(packageScope);
}

/** `pkg:oci/app@sha256:…?repository_url=ghcr.io/acme/app` (package-url specification, "oci"). */
function isImage(purl: string, { name, digests }: VexImage): boolean {
  const digest = versionOf(purl);
  if (digest !== undefined && !digests.includes(digest)) return false;
  const query = new URLSearchParams(purl.split('#', 1)[0]?.split('?')[1] ?? '');
  const url = query.get('repository_url');
  if (url !== null) return url === name;
  return digest !== undefined || barePurl(purl) === `pkg:oci/${name.split('/').at(-1) ?? name}`;
}
