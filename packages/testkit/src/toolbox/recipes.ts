/** How one program is compiled from the Go module proxy. */
export interface GoRecipe {
  readonly module: string;
  /** With the leading `v`, as the module proxy wants it. */
  readonly version: string;
  /** Path of the main package. */
  readonly package: string;
  /** The variable that holds the version, where the program cannot find it out itself. */
  readonly versionVariable?: string;
  /** What that variable holds, when it is not {@link version}. */
  readonly versionValue?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Makes the program print its version and end. */
  readonly versionArgs: readonly string[];
  /** It is the package's test binary, which says no version: in this environment it must start. */
  readonly testsIn?: Readonly<Record<string, string>>;
  /** Lines of go.sum, for a module that the checksum database may not have. */
  readonly sums?: readonly string[];
}

const go127 = { GOTOOLCHAIN: 'go1.27.0' };
const buildkit = {
  module: 'github.com/moby/buildkit',
  version: 'v0.33.0',
  versionVariable: 'github.com/moby/buildkit/version.Version',
  versionArgs: ['--version'],
} as const;

/** Every program that the tests and the demo need and that Go can build; versions as the actions pin them. */
export const GO_RECIPES = {
  cosign: {
    module: 'github.com/sigstore/cosign/v3',
    version: 'v3.1.3',
    package: 'github.com/sigstore/cosign/v3/cmd/cosign',
    versionVariable: 'sigs.k8s.io/release-utils/version.gitVersion',
    versionArgs: ['version'],
  },
  trivy: {
    module: 'github.com/aquasecurity/trivy',
    version: 'v0.72.0',
    package: 'github.com/aquasecurity/trivy/cmd/trivy',
    versionVariable: 'github.com/aquasecurity/trivy/pkg/version/app.ver',
    versionValue: '0.72.0',
    env: { GOEXPERIMENT: 'jsonv2' },
    versionArgs: ['--version'],
  },
  'osv-scanner': {
    module: 'github.com/google/osv-scanner/v2',
    version: 'v2.6.0',
    package: 'github.com/google/osv-scanner/v2/cmd/osv-scanner',
    env: go127,
    versionArgs: ['--version'],
  },
  buildx: {
    module: 'github.com/docker/buildx',
    version: 'v0.37.0',
    package: 'github.com/docker/buildx/cmd/buildx',
    versionVariable: 'github.com/docker/buildx/version.Version',
    versionArgs: ['version'],
  },
  buildkitd: { ...buildkit, package: 'github.com/moby/buildkit/cmd/buildkitd' },
  buildctl: { ...buildkit, package: 'github.com/moby/buildkit/cmd/buildctl' },
  crane: {
    module: 'github.com/google/go-containerregistry',
    version: 'v0.22.1',
    package: 'github.com/google/go-containerregistry/cmd/crane',
    versionVariable: 'github.com/google/go-containerregistry/cmd/crane/cmd.Version',
    versionArgs: ['version'],
  },
  olareg: {
    module: 'github.com/olareg/olareg',
    version: 'v0.1.2',
    package: 'github.com/olareg/olareg/cmd/olareg',
    versionArgs: ['version'],
  },
  registry: {
    module: 'github.com/distribution/distribution/v3',
    version: 'v3.1.2',
    package: 'github.com/distribution/distribution/v3/cmd/registry',
    versionArgs: ['--version'],
  },
  fulcio: {
    module: 'github.com/sigstore/fulcio',
    version: 'v1.8.8',
    package: 'github.com/sigstore/fulcio',
    versionVariable: 'sigs.k8s.io/release-utils/version.gitVersion',
    versionArgs: ['version'],
  },
  'timestamp-server': {
    module: 'github.com/sigstore/timestamp-authority/v2',
    version: 'v2.1.5',
    package: 'github.com/sigstore/timestamp-authority/v2/cmd/timestamp-server',
    versionVariable: 'sigs.k8s.io/release-utils/version.gitVersion',
    env: go127,
    versionArgs: ['version'],
  },
  rekor: {
    module: 'github.com/sigstore/rekor-tiles/v2',
    version: 'v2.3.0',
    package: 'github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix',
    versionVariable: 'sigs.k8s.io/release-utils/version.gitVersion',
    versionArgs: ['version'],
  },
  'docker-compose': {
    module: 'github.com/docker/compose/v5',
    version: 'v5.1.0',
    package: 'github.com/docker/compose/v5/cmd',
    versionVariable: 'github.com/docker/compose/v5/internal.Version',
    versionArgs: ['version'],
  },
  conformance: {
    module: 'github.com/opencontainers/distribution-spec/conformance',
    // The suite of version 1.1.0 of the specification; the module has no versions of its own.
    version: 'v0.0.0-20231101194043-f2182352d4cc',
    package: 'github.com/opencontainers/distribution-spec/conformance',
    env: { GONOSUMDB: 'github.com/opencontainers/distribution-spec/conformance' },
    sums: [
      'h1:jL+CgYEEZluGb08ZcLpEyhn389kNMlwrWOHaIqXazq0=',
      '/go.mod h1:odnkI+gfnNSdq8NaG/nKvENDEWkXAjjbgp8GKMllVSI=',
    ],
    versionArgs: ['-test.list', '^$'],
    testsIn: { OCI_ROOT_URL: 'http://127.0.0.1:1' },
  },
  act: {
    module: 'github.com/nektos/act',
    version: 'v0.2.89',
    package: 'github.com/nektos/act',
    versionVariable: 'main.version',
    versionValue: '0.2.89',
    versionArgs: ['--version'],
  },
  actionlint: {
    module: 'github.com/rhysd/actionlint',
    version: 'v1.7.12',
    package: 'github.com/rhysd/actionlint/cmd/actionlint',
    versionVariable: 'github.com/rhysd/actionlint.version',
    versionValue: '1.7.12',
    versionArgs: ['-version'],
  },
  regctl: {
    module: 'github.com/regclient/regclient',
    version: 'v0.11.7',
    package: 'github.com/regclient/regclient/cmd/regctl',
    versionVariable: 'github.com/regclient/regclient/internal/version.vcsTag',
    versionArgs: ['version'],
  },
  oras: {
    module: 'oras.land/oras',
    version: 'v1.3.0',
    package: 'oras.land/oras/cmd/oras',
    env: { GONOSUMDB: 'oras.land/oras' },
    sums: [
      'h1:PdxrW0wRu24AMRnJcQWhUXTk33bDHCdSvyWcKoAxArE=',
      '/go.mod h1:vhmQNvH70/XwJhSqqO7kITlD2fWNxlOj/4rxdamNU1c=',
    ],
    versionVariable: 'oras.land/oras/internal/version.Version',
    versionValue: '1.3.0',
    versionArgs: ['version'],
  },
  syft: {
    module: 'github.com/anchore/syft',
    version: 'v1.52.0',
    package: 'github.com/anchore/syft/cmd/syft',
    versionVariable: 'main.version',
    versionValue: '1.52.0',
    versionArgs: ['version'],
  },
} as const satisfies Record<string, GoRecipe>;

export type GoTool = keyof typeof GO_RECIPES;

export function goRecipe(tool: GoTool): GoRecipe {
  return GO_RECIPES[tool];
}
