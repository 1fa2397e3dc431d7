import { qualifiersOf } from './package-url.ts';

/** What distributions call the architectures of OCI platforms, by the type of the package where they differ. */
const NAMES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  i386: '386',
  i686: '386',
  x86: '386',
  'apk armhf': 'arm/v6',
  armhf: 'arm/v7',
  armv7: 'arm/v7',
  armv7hl: 'arm/v7',
  armel: 'arm/v5',
  ppc64el: 'ppc64le',
  mips64el: 'mips64le',
  loongarch64: 'loong64',
};
/** Packages that are the same on all of them. */
const ANY = new Set(['all', 'any', 'noarch']);

/** The `arch` of a package URL; `undefined` for packages that are for every architecture, or do not say. */
export function architectureOf(purl: string): string | undefined {
  const arch = qualifiersOf(purl).get('arch');
  if (arch === null || ANY.has(arch)) return undefined;
  const type = /^pkg:([a-z]+)\//.exec(purl)?.[1] ?? '';
  return NAMES[`${type} ${arch}`] ?? NAMES[arch] ?? arch;
}

/** Whether `linux/arm64/v8` or `linux/arm64` is of the architecture `arm64`. */
export function isOfArchitecture(platform: string, architecture: string): boolean {
  // A platform that an index has twice has a piece of its digest behind it.
  const own = platform.split('@', 1)[0]?.split('/').slice(1).join('/') ?? '';
  return own === architecture || own.startsWith(`${architecture}/`);
}
