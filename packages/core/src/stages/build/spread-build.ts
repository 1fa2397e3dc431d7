import { rm } from 'node:fs/promises';
import { joinLayouts } from '../../oci/joined-layout.ts';
import { openLayout } from '../../oci/layout.ts';
import { settled } from '../../runtime/settled.ts';
import type { BuildxRequest, BuildxResult } from '../../tools/buildx.ts';

/** A builder, and what it is to build. */
export interface SpreadNode {
  readonly builder: string;
  /** All that it can when empty. */
  readonly platforms: readonly string[];
}

/** What is told of a build beside its layout. */
export type BuildRemarks = Pick<BuildxResult, 'warnings' | 'steps'>;

export type BuildLayout = (request: BuildxRequest) => Promise<BuildRemarks>;

/**
 * Builds platforms on several builders at once into one layout. BuildKit writes no layout from several nodes, so each
 * writes its own, and they are joined.
 *
 * @throws PlimsollError what one of the builds throws, after all have ended
 */
export async function spreadBuild(
  request: BuildxRequest,
  nodes: readonly SpreadNode[],
  buildLayout: BuildLayout,
): Promise<BuildRemarks> {
  const assigned = [...assignPlatforms(request.platforms, nodes)];
  const [only] = assigned;
  if (only !== undefined && assigned.length === 1) return buildLayout({ ...request, builder: only[0] });
  const placed = assigned.map(([builder, platforms], index) => {
    const own = { annotations: fitting(request, platforms), destination: `${request.destination}-${index}` };
    return { ...request, builder, platforms, ...own };
  });
  const built = await settled(placed.map((part) => buildLayout(part)));
  const layouts = await Promise.all(placed.map(({ destination }) => openLayout(destination)));
  await joinLayouts(layouts, indexAnnotations(request), request.destination);
  for (const { destination } of placed) await rm(destination, { recursive: true, force: true });
  return { warnings: built[0]?.warnings ?? [], steps: built.flatMap(({ steps }) => steps) };
}

/** Pure: each platform to a builder that lists it, else to one that lists none; to the one with the least to do. */
export function assignPlatforms(
  wanted: readonly string[],
  nodes: readonly SpreadNode[],
): ReadonlyMap<string, readonly string[]> {
  const assigned = new Map<string, readonly string[]>();
  const load = ({ builder }: SpreadNode) => assigned.get(builder)?.length ?? 0;
  for (const platform of wanted) {
    const listing = nodes.filter(({ platforms }) => platforms.includes(platform));
    const able = listing.length > 0 ? listing : nodes.filter(({ platforms }) => platforms.length === 0);
    const [chosen] = able.toSorted((a, b) => load(a) - load(b));
    if (chosen !== undefined) assigned.set(chosen.builder, [...(assigned.get(chosen.builder) ?? []), platform]);
  }
  return assigned;
}

/** Annotations of the index are written once, on the one that joins; BuildKit refuses those of other platforms. */
function fitting({ annotations = [] }: BuildxRequest, platforms: readonly string[]) {
  return annotations.filter(
    ({ level, platform }) =>
      (level === 'manifest' || level === 'manifest-descriptor') &&
      (platform === undefined || platforms.includes(platform)),
  );
}

function indexAnnotations({ annotations = [] }: BuildxRequest): Readonly<Record<string, string>> {
  const ofIndex = annotations.filter(({ level, platform }) => level === 'index' && platform === undefined);
  return Object.fromEntries(ofIndex.map(({ key, value }) => [key, value]));
}
