import type { Log } from '../../runtime/log.ts';
import { settled } from '../../runtime/settled.ts';
import {
  BUILDKIT_IMAGE,
  type BuilderNode,
  type BuilderPorts,
  createBuilder,
  driverInUse,
} from '../../tools/builder.ts';
import type { SpreadNode } from './spread-build.ts';

export interface BuilderWish {
  /** The `builder` input. */
  readonly named: string | undefined;
  /** The `builder-endpoint` input. */
  readonly nodes: readonly BuilderNode[];
  /** The `mirror` input: a registry that has Docker Hub's images. */
  readonly mirror: string | undefined;
}

/** Where a run builds. */
export interface ProvidedBuilders {
  /** One for each endpoint, else at most one; none for the builder in use. */
  readonly nodes: readonly SpreadNode[];
  /** Names of those that were made here, which somebody has to remove. */
  readonly made: readonly string[];
}

/**
 * The builders of a run: the one that is named, one for each endpoint, the one in use, or, where all that there is is
 * the docker driver, which writes no layouts with attestations, a container with BuildKit of a pinned digest.
 *
 * @param ports `env` may name a builder too (BUILDX_BUILDER)
 * @throws PlimsollError `builder-missing`, `cancelled`
 */
export async function provideBuilders(
  { named, nodes, mirror }: BuilderWish,
  ports: BuilderPorts & { readonly log: Log },
): Promise<ProvidedBuilders> {
  if (nodes.length > 0) return make(nodes, ports);
  if (named !== undefined) return { nodes: [{ builder: named, platforms: [] }], made: [] };
  if (mirror !== undefined) return make([containerNode(mirror)], ports);
  if (ports.env['BUILDX_BUILDER'] || (await driverInUse(ports)) !== 'docker') return { nodes: [], made: [] };
  ports.log.info('The builder in use has the docker driver; making one with BuildKit in a container');
  return make([containerNode(undefined)], ports);
}

async function make(nodes: readonly BuilderNode[], ports: BuilderPorts): Promise<ProvidedBuilders> {
  const made = await settled(nodes.map((node) => createBuilder(node, ports)));
  return { nodes: nodes.map(({ platforms }, index) => ({ builder: made[index] ?? '', platforms })), made };
}

function containerNode(mirror: string | undefined): BuilderNode {
  const image = mirror === undefined ? BUILDKIT_IMAGE : `${mirror}/${BUILDKIT_IMAGE}`;
  const node = { driver: 'docker-container', platforms: [], options: { image } } as const;
  if (mirror === undefined) return node;
  return { ...node, config: `[registry."docker.io"]\n  mirrors = [${JSON.stringify(mirror)}]\n` };
}
