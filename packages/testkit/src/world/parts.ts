import { ensureTools } from '../toolbox/ensure-tools.ts';
import type { GoTool } from '../toolbox/recipes.ts';
import { type Buildkit, startBuildkit } from './buildkit/builder.ts';
import type { BuilderRegistries } from './buildkit/config.ts';
import { type GitHub, startGitHub } from './github.ts';
import type { Lifetime } from './lifetime.ts';
import { distributionOnPort } from './registry/distribution.ts';
import { type Ghcr, startGhcr } from './registry/ghcr.ts';
import { type Quay, startQuay } from './registry/quay.ts';
import { type Sigstore, sigstoreOf } from './sigstore/access.ts';
import { startSigstore } from './sigstore/start.ts';

/** An anonymous registry over plain HTTP, for base images and databases. */
export interface Hub {
  /** `127.0.0.1:port`. */
  readonly host: string;
}

/** Everything a world can be made of. */
export interface Parts {
  readonly github: GitHub;
  readonly sigstore: Sigstore;
  readonly ghcr: Ghcr;
  readonly quay: Quay;
  readonly hub: Hub;
  readonly buildkit: Buildkit;
}

export type Part = keyof Parts;

interface PartNeeds {
  /** Programs it runs. */
  readonly tools: readonly GoTool[];
  /** Parts it cannot do without. */
  readonly parts: readonly Part[];
}

export const PART_NEEDS: Readonly<Record<Part, PartNeeds>> = {
  github: { tools: [], parts: [] },
  sigstore: { tools: ['cosign', 'fulcio', 'rekor', 'timestamp-server'], parts: ['github'] },
  ghcr: { tools: ['registry'], parts: ['github'] },
  quay: { tools: ['olareg'], parts: [] },
  hub: { tools: ['registry'], parts: [] },
  // buildkitd is only made where no Docker engine runs.
  buildkit: { tools: ['buildx'], parts: [] },
};

/** These parts and the ones they need. */
export function withNeeds(wanted: readonly Part[]): Set<Part> {
  return new Set(wanted.flatMap((part) => [...PART_NEEDS[part].parts, part]));
}

/** Starts the parts side by side; the ones that were not wanted are absent. */
export async function startParts(
  lifetime: Lifetime,
  wanted: ReadonlySet<Part>,
  tools: Readonly<Record<GoTool, string>>,
): Promise<Partial<Parts>> {
  const github = wanted.has('github') ? await startGitHub(lifetime) : undefined;
  const registries = startRegistries(lifetime, { wanted, tools, github });
  const [sigstore, { ghcr, quay, hub }, buildkit] = await Promise.all([
    wanted.has('sigstore') && github !== undefined
      ? startSigstore(lifetime, tools, github.oidc.issuer).then((files) => sigstoreOf(files, github.oidc))
      : undefined,
    registries,
    wanted.has('buildkit') ? registries.then((started) => startBuilder(lifetime, tools.buildx, started)) : undefined,
  ]);
  return present({ github, sigstore, ghcr, quay, hub, buildkit });
}

interface Registries {
  readonly ghcr: Ghcr | undefined;
  readonly quay: Quay | undefined;
  readonly hub: Hub | undefined;
}

interface RegistryRequest {
  readonly wanted: ReadonlySet<Part>;
  readonly tools: Readonly<Record<GoTool, string>>;
  readonly github: GitHub | undefined;
}

async function startRegistries(lifetime: Lifetime, { wanted, tools, github }: RegistryRequest): Promise<Registries> {
  const [ghcr, quay, hub] = await Promise.all([
    wanted.has('ghcr') && github !== undefined
      ? startGhcr(lifetime, { registry: tools.registry, ledger: github.packages, token: github.token })
      : undefined,
    wanted.has('quay') ? startQuay(lifetime, tools.olareg) : undefined,
    wanted.has('hub')
      ? distributionOnPort(lifetime, tools.registry, { name: 'hub' }).then((host) => ({ host }))
      : undefined,
  ]);
  return { ghcr, quay, hub };
}

function startBuilder(lifetime: Lifetime, buildx: string, { ghcr, quay, hub }: Registries): Promise<Buildkit> {
  const registries: BuilderRegistries = {
    plain: [ghcr, hub].flatMap((registry) => (registry === undefined ? [] : [registry.host])),
    secure: quay === undefined ? [] : [quay],
  };
  const buildkitd = async () => (await ensureTools(['buildkitd'])).buildkitd;
  return startBuildkit(lifetime, { buildx, buildkitd, registries });
}

function present(parts: { readonly [P in Part]: Parts[P] | undefined }): Partial<Parts> {
  const there = Object.entries(parts).filter(([, part]) => part !== undefined);
  return Object.fromEntries(there) as Partial<Parts>;
}
