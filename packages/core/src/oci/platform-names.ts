/**
 * A platform as BuildKit writes it: `linux/arm64/v8` is `linux/arm64`, `linux/arm` is `linux/arm/v7`, `linux/amd64/v1`
 * is `linux/amd64` (containerd platforms, `normalizeArch`).
 */
export function canonicalPlatform(name: string): string {
  return name
    .replace(/\/arm64\/v?8(?:\.0)?$/, '/arm64')
    .replace(/\/amd64\/v?1$/, '/amd64')
    .replace(/\/arm$/, '/arm/v7')
    .replace(/\/arm\/([5-8])$/, '/arm/v$1');
}

/** For names of which others have written one: the default variants, `v8` of arm64 and `v7` of arm, are left out. */
export function withoutDefaultVariant(name: string): string {
  return name.replace(/^(.*\/arm64)\/v8$/, '$1').replace(/^(.*\/arm)\/v7$/, '$1');
}
