/** BuildKit leaves `v8` out of arm64 and `v7` out of arm, which are the defaults (containerd platforms). */
export function withoutDefaultVariant(name: string): string {
  return name.replace(/^(.*\/arm64)\/v8$/, '$1').replace(/^(.*\/arm)\/v7$/, '$1');
}
