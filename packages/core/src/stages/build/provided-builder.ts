import type { Log } from '../../runtime/log.ts';
import { settled } from '../../runtime/settled.ts';
import {
  BUILDKIT_IMAGE,
  type BuilderNode,
  type BuilderPorts,
  createBuilder,
  driverInUse,
  newBuilderName,
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

export interface ProvidingPorts extends BuilderPorts {
  readonly log: Log;
  /** Told the names of builders before they are made: somebody has to remove also those beside one that failed. */
  readonly remember: (names: readonly string[]) => void;
}

/**
 * The builders of a run: the one that is named, one for each endpoint, the one in use, or, where all that there is is
 * the docker driver, which writes no layouts with attestations, a container with BuildKit of a pinned digest.
 *
 * @param ports `env` may name a builder too (BUILDX_BUILDER)
 * @returns one for each endpoint, else at most one; none for the builder in use
 * @throws PlimsollError `builder-missing`, `cancelled`
 */
export async function provideBuilders(
  { named, nodes, mirror }: BuilderWish,
  ports: ProvidingPorts,
): Promise<readonly SpreadNode[]> {
  if (nodes.length > 0) return make(nodes, ports);
  if (named !== undefined) return [{ builder: named, platforms: [] }];
  if (mirror !== undefined) return make([containerNode(mirror)], ports);
  if (ports.env['BUILDX_BUILDER'] || (await driverInUse(ports)) !== 'docker') return [];
  ports.log.info('The builder in use has the docker driver; making one with BuildKit in a container');
  return make([containerNode(undefined)], ports);
}

async function make(nodes: readonly BuilderNode[], ports: ProvidingPorts): Promise<readonly SpreadNode[]> {
  const named = nodes.map((node) => ({ node, builder: newBuilderName() }));
  // Without buildx there is nothing to make, and nothing that could remove it.
  await ports.toolbox.get('buildx');
  ports.remember(named.map(({ builder }) => builder));
  await settled(named.map(({ builder, node }) => createBuilder(builder, node, ports)));
  return named.map(({ builder, node: { platforms } }) => ({ builder, platforms }));
}

function containerNode(mirror: string | undefined): BuilderNode {
  const image = mirror === undefined ? BUILDKIT_IMAGE : `${mirror}/${BUILDKIT_IMAGE}`;
  const node = { driver: 'docker-container', platforms: [], options: { image } } as const;
  if (mirror === undefined) return node;
  return { ...node, config: `[registry."docker.io"]\n  mirrors = [${JSON.stringify(mirror)}]\n` };
}
