import path from 'node:path';
import { platformName } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { Attachment } from '../oci/attached-content.ts';
import type { RootedContent } from '../oci/content.ts';
import { type Layout, openLayout } from '../oci/layout.ts';
import { type ImagePlatform, platformsOf, type SizedPlatform, withSizes } from '../oci/platforms.ts';
import { type RepositoryName, repositoryLabel } from '../oci/reference.ts';
import { checkLimits, type Limits } from '../policy/limits.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { PlimsollError } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import type { BuildOptions } from '../tools/build-options.ts';
import type { GitContext } from '../tools/git-tree.ts';
import type { BuildSteps } from '../tools/build-steps.ts';
import type { Annotation } from '../tools/buildx.ts';
import { mutableBases } from './build/base-images.ts';
import { type BuildEvidence, readBuildEvidence } from './build/build-evidence.ts';
import { type Detached, detachAttestations } from './build/detached-attestations.ts';
import type { PackedArtifact } from './build/artifact-statements.ts';
import { fittingAnnotations } from './build/fitting-annotations.ts';
import { freeingOnFailure } from './build/freed-space.ts';
import { freshDirectory } from './build/fresh-directory.ts';
import { type MemberBase, onBases, requireBases } from './build/member-bases.ts';
import { withoutDefaultVariant } from '../oci/platform-names.ts';
import { offeredArguments } from './build/offered-arguments.ts';
import { type BuildSource, findSource, type ReadGit } from './build/source.ts';
import type { BuildLayout, SpreadNode } from './build/spread-build.ts';
import { type SbomFiles, writeSboms } from './build/sbom-files.ts';

export interface BuildRequest {
  readonly image: RepositoryName;
  /** `sha-<commit>`: the only name that BuildKit is told, so that its attestations have a subject. */
  readonly commitTag: string;
  /** A directory; not looked at where there is a repository. */
  readonly context: string;
  readonly file: string | undefined;
  readonly git?: GitContext | undefined;
  /** `os/architecture[/variant]`, each once. */
  readonly platforms: readonly string[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: readonly Annotation[];
  /** Labels as they are without the input `labels`. */
  readonly known: Readonly<Record<string, string>>;
  readonly options: BuildOptions;
  /** Images of this run that it is built on; none unless given. */
  readonly bases?: readonly MemberBase[] | undefined;
  /** Whether SBOM and provenance stand in the index, or hang on the platforms. */
  readonly attestationStyle: 'inline' | 'referrers';
  /** When the commit was made; timestamps inside the image are clamped to it. */
  readonly createdAt: Date | undefined;
  readonly limits: Limits;
  /** Where the repository is checked out: warnings name files relative to it. */
  readonly workspace: string;
  /** An existing directory; the layout becomes a new one inside. */
  readonly tempDir: string;
}

export interface BuildPorts {
  readonly buildLayout: BuildLayout;
  readonly readGit: ReadGit;
  readonly log: Log;
  readonly clock?: Clock;
}

/** An image that is ready to be scanned and published, whoever put it together. */
export interface BuiltImage {
  readonly digest: Digest;
  readonly content: RootedContent;
  readonly platforms: readonly SizedPlatform[];
  /** Empty where no SBOM was asked for. */
  readonly sboms: readonly SbomFiles[];
  /** What is to hang on the platforms once they are in the registry. */
  readonly statements: readonly Attachment[];
  /** Of an artifact that is no image; it has no platform and no SBOM files. */
  readonly artifact?: PackedArtifact;
  /** What of each platform came out of a cache; absent for what no builder made here. */
  readonly steps?: readonly BuildSteps[];
  /** Where it was built, for what is started in it; absent for the builder in use. */
  readonly nodes?: readonly SpreadNode[];
}

export interface BuildResult extends BuiltImage {
  readonly layout: Layout;
  /** The Dockerfile that was built; none for an artifact. */
  readonly dockerfile: string | undefined;
  readonly milliseconds: number;
}

/**
 * Builds every platform into one fresh OCI layout, with SBOM and provenance beside each.
 *
 * @throws PlimsollError `dockerfile-missing` before anything is started, `build-failed`, `builder-missing`,
 *   `base-unused`, `limit-exceeded`, `disk-full`, `layout-invalid`, and what the tool throws
 */
export async function build(request: BuildRequest, ports: BuildPorts): Promise<BuildResult> {
  const { log, clock = systemClock } = ports;
  const started = clock.now().getTime();
  const source = await findSource(request, ports.readGit);
  const { path: dockerfile, others } = source;
  if (others.length > 0) log.notice(`Building ${dockerfile}; ${others.join(', ')} would be possible too`);
  const destination = await freshDirectory(request.tempDir);
  const buildArgs = { ...offeredArguments(source.text, request.labels), ...request.buildArgs };
  const job = { request: onBases({ ...request, buildArgs }, source.text), source, ports };
  const { whole, steps } = await freeingOnFailure(path.dirname(destination), () => buildInto(destination, job));
  const evidence = await readBuildEvidence(whole);
  requireBases(request.bases ?? [], evidence);
  const { layout, statements } = await inStyle(request.attestationStyle, whole);
  const platforms = await withSizes(layout, await platformsOf(layout, layout.root.digest));
  assertPlatforms(request.platforms, platforms);
  const over = checkLimits(
    request.limits,
    platforms.map(({ platform, size }) => ({ platform: platformName(platform), size })),
  );
  if (over !== undefined) log.warning(over);
  const sboms = await writeSboms(evidence, repositoryLabel(request.image), path.join(layout.directory, '..', 'sboms'));
  noticeMutableBases(evidence, source, { request, log });
  const milliseconds = clock.now().getTime() - started;
  const image = { digest: layout.root.digest, content: layout, platforms, sboms, statements, steps };
  return { ...image, layout, dockerfile, milliseconds };
}

async function inStyle(style: BuildRequest['attestationStyle'], layout: Layout): Promise<Detached> {
  return style === 'inline' ? { layout, statements: [] } : detachAttestations(layout);
}

/** What is built from a tag may be another image tomorrow, and nobody will have changed anything. */
function noticeMutableBases(
  { statements }: BuildEvidence,
  { path: dockerfile, text }: BuildSource,
  { request, log }: { readonly request: BuildRequest; readonly log: Log },
): void {
  for (const { name, digest, line } of mutableBases(statements, text)) {
    const place = { file: inWorkspace(request, dockerfile), ...(line === undefined ? {} : { line }) };
    log.notice(
      `${name} may be another image tomorrow. To pin what this build used, write: FROM ${name}@${digest}`,
      place,
    );
  }
}

/** As annotations name files. */
function inWorkspace({ workspace }: BuildRequest, file: string): string {
  return path.relative(workspace, file).replaceAll(path.sep, '/');
}

interface BuildJob {
  readonly request: BuildRequest;
  readonly source: BuildSource;
  readonly ports: BuildPorts;
}

async function buildInto(destination: string, { request, source, ports }: BuildJob) {
  const { image, commitTag, platforms, labels, buildArgs, createdAt, options } = request;
  const sourceDateEpoch = createdAt === undefined ? undefined : Math.floor(createdAt.getTime() / 1000);
  const imageName = `${repositoryLabel(image)}:${commitTag}`;
  const { warnings, steps } = await ports.log.group(`Build ${imageName}`, () =>
    ports.buildLayout({
      context: source.context,
      file: source.path,
      platforms,
      imageName,
      destination,
      sourceDateEpoch,
      labels,
      buildArgs,
      annotations: fittingAnnotations(request),
      ...options,
    }),
  );
  for (const { text, place } of warnings) {
    ports.log.warning(text, { ...place, file: inWorkspace(request, place.file) });
  }
  return { whole: await openLayout(destination), steps };
}

function assertPlatforms(wanted: readonly string[], got: readonly ImagePlatform[]): void {
  const names = new Set(got.map(({ platform }) => platformName(platform)));
  const missing = wanted.filter((name) => !names.has(name) && !names.has(withoutDefaultVariant(name)));
  if (missing.length === 0) return;
  throw new PlimsollError('build-failed', `The layout lacks ${missing.join(', ')}`, {
    hint: 'Check that the builder supports these platforms: docker buildx inspect --bootstrap.',
  });
}
