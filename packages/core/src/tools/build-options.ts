/** A secret of a build, as BuildKit mounts it. */
export type BuildSecret =
  | { readonly id: string; readonly value: string }
  /** Absolute path of a file that is there. */
  | { readonly id: string; readonly file: string };

/** BuildKit's own generator of SBOMs, by digest: it reads every layer, and what it says of them is signed. */
export const SBOM_GENERATOR_IMAGE =
  'docker/buildkit-syft-scanner:1.12.0@sha256:ae4f3b554449e7e25548e7d8ccc029d17357348e30c6e3df01b92bc93654d6a9';

/** What a build may be told beside what it makes; each is the option of `docker buildx build` of the same name. */
export interface BuildOptions {
  /** Stage to build; the last one unless given. */
  readonly target?: string | undefined;
  /** Named contexts, such as `base` for `oci-layout://dir@sha256:…`. */
  readonly buildContexts?: Readonly<Record<string, string>> | undefined;
  /** Handed over in files of their own: a value stands neither in the argument list nor in the environment. */
  readonly secrets?: readonly BuildSecret[] | undefined;
  /** `default`, or `id=socket or key[,key]`. */
  readonly ssh?: readonly string[] | undefined;
  readonly cacheFrom?: readonly string[] | undefined;
  readonly cacheTo?: readonly string[] | undefined;
  readonly noCache?: boolean | undefined;
  /** Stages that are built without the cache. */
  readonly noCacheFilters?: readonly string[] | undefined;
  /** Asks registries for newer bases even when one is cached. */
  readonly pull?: boolean | undefined;
  readonly network?: string | undefined;
  /** `host:address`. */
  readonly addHosts?: readonly string[] | undefined;
  /** Entitlements, such as `network.host`. */
  readonly allow?: readonly string[] | undefined;
  readonly shmSize?: string | undefined;
  readonly ulimit?: readonly string[] | undefined;
  readonly builder?: string | undefined;
  /** How much of the build the provenance tells; `max` unless given. */
  readonly provenance?: 'max' | 'min' | 'off' | undefined;
  /** True unless given. */
  readonly sbom?: boolean | undefined;
  /** Image that makes the SBOM; {@link SBOM_GENERATOR_IMAGE} unless given. */
  readonly sbomGenerator?: string | undefined;
}

/** Arguments of buildx for the options, except for those that need files. */
export function optionArguments(options: BuildOptions): readonly string[] {
  return [
    ...each('--builder', one(options.builder)),
    ...each('--target', one(options.target)),
    ...each('--build-context', pairs(options.buildContexts)),
    ...each('--ssh', options.ssh),
    ...each('--cache-from', options.cacheFrom),
    ...each('--cache-to', options.cacheTo),
    ...(options.noCache === true ? ['--no-cache'] : []),
    ...each('--no-cache-filter', options.noCacheFilters),
    ...(options.pull === true ? ['--pull'] : []),
    ...each('--network', one(options.network)),
    ...each('--add-host', options.addHosts),
    ...each('--allow', options.allow),
    ...each('--shm-size', one(options.shmSize)),
    ...each('--ulimit', options.ulimit),
    options.provenance === 'off' ? '--provenance=false' : `--provenance=mode=${options.provenance ?? 'max'},version=v1`,
    `--sbom=${sbom(options)}`,
  ];
}

/** The option once for each value. */
export function each(name: string, values: readonly string[] = []): readonly string[] {
  return values.flatMap((value) => [name, value]);
}

/** `KEY=VALUE` texts. */
export function pairs(record: Readonly<Record<string, string>> = {}): readonly string[] {
  return Object.entries(record).map(([key, value]) => `${key}=${value}`);
}

/** Buildx reads some options as one CSV record, so a comma or a quote in a path must not start a new field. */
export function csv(fields: readonly string[]): string {
  return fields.map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',');
}

function one(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [value];
}

function sbom({ sbom: wanted = true, sbomGenerator = SBOM_GENERATOR_IMAGE }: BuildOptions): string {
  return wanted ? csv([`generator=${sbomGenerator}`]) : 'false';
}
