/** Registries that a builder reaches without TLS, and those whose authority it must be told. */
export interface BuilderRegistries {
  /** `host:port` of each. */
  readonly plain: readonly string[];
  readonly secure: readonly { readonly host: string; readonly caFile: string }[];
}

/** buildkitd.toml (docs.docker.com/build/buildkit/toml-configuration). */
export function buildkitConfig({ plain, secure }: BuilderRegistries): string {
  return [
    ...plain.map((host) => `[registry.${JSON.stringify(host)}]\n  http = true\n  insecure = true\n`),
    ...secure.map(({ host, caFile }) => `[registry.${JSON.stringify(host)}]\n  ca = [${JSON.stringify(caFile)}]\n`),
  ].join('\n');
}
