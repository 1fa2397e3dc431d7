import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { type Digest, isDigest } from '../oci/digest.ts';
import { PlimsollError } from '../runtime/errors.ts';
import { run } from '../runtime/exec.ts';
import { type BuildOptions, csv, each, optionArguments, pairs } from './build-options.ts';
import { type BuildSteps, StepCounter } from './build-steps.ts';
import { secretArguments } from './build-secret-files.ts';
import { type BuildWarning, buildWarning, readWarning } from './build-warnings.ts';
import { buildFailure } from './buildx-failure.ts';
import { environmentFor } from './environment.ts';
import { readToolJson } from './tool-json.ts';
import type { ToolPorts } from './tool-ports.ts';

/** Where an annotation is written: on the index, on every platform's manifest or one, or on what points to them. */
export interface Annotation {
  readonly level: 'index' | 'manifest' | 'index-descriptor' | 'manifest-descriptor';
  /** `os/architecture[/variant]`. */
  readonly platform?: string;
  readonly key: string;
  readonly value: string;
}

export interface BuildxRequest extends BuildOptions {
  /** A directory, or a URL that BuildKit fetches itself. */
  readonly context: string;
  /** Path of the Dockerfile. */
  readonly file: string;
  /** `os/architecture[/variant]`; the builder's own unless given. */
  readonly platforms: readonly string[];
  /** Public: they stand in the argument list and in the provenance. */
  readonly buildArgs?: Readonly<Record<string, string>> | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: readonly Annotation[] | undefined;
  /** The immutable reference `registry/name:tag`: without a name the attestations would have no subject. */
  readonly imageName: string;
  /** The layout is written here; it must not exist yet or be empty, because BuildKit adds to what is there. */
  readonly destination: string;
  /** Seconds since 1970 for the timestamps in the image. */
  readonly sourceDateEpoch?: number | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface BuildxResult {
  /** Of the root index or manifest in the layout. */
  readonly digest: Digest;
  /** `builder/node/id` of the build record; absent when the builder keeps none. */
  readonly buildRef?: string;
  /** What BuildKit's checks say about the Dockerfile. */
  readonly warnings: readonly BuildWarning[];
  /** By platform, of the progress; empty where that could not be understood. */
  readonly steps: readonly BuildSteps[];
  readonly durationMs: number;
}

const metadata = v.object({
  'buildx.build.warnings': v.fallback(v.array(buildWarning), []),
  'containerimage.digest': v.custom<Digest>((value) => typeof value === 'string' && isDigest(value)),
  'buildx.build.ref': v.exactOptional(v.string()),
});

/**
 * Builds an image into an OCI layout directory, with an SBOM and SLSA v1 provenance for every platform in it.
 *
 * @throws PlimsollError `build-failed` (with the line of the Dockerfile when BuildKit names it), `builder-missing`,
 *   `disk-full`, `dockerfile-missing`, `tool-output-invalid`, `tool-timeout`, `cancelled`
 */
export async function buildLayout(request: BuildxRequest, ports: ToolPorts): Promise<BuildxResult> {
  await requireEmpty(request.destination);
  const dir = await mkdtemp(path.join(ports.tempDir, 'plimsoll-buildx-'));
  try {
    const metadataFile = path.join(dir, 'metadata.json');
    const { durationMs, steps } = await build(request, ports, metadataFile);
    const found = await readToolJson('buildx', metadataFile, metadata);
    if (found === undefined) throw noMetadata();
    const buildRef = found['buildx.build.ref'];
    const warnings = found['buildx.build.warnings'].map((warning) => readWarning(warning, request.file));
    const digest = found['containerimage.digest'];
    return { digest, durationMs, warnings, steps, ...(buildRef === undefined ? {} : { buildRef }) };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function build(request: BuildxRequest, ports: ToolPorts, metadataFile: string) {
  const { path: program } = await ports.toolbox.get('buildx');
  const { sourceDateEpoch } = request;
  const [verb = 'build', ...rest] = buildxArguments(request, metadataFile);
  const args = [verb, ...(await secretArguments(request.secrets ?? [], path.dirname(metadataFile))), ...rest];
  const steps = new StepCounter();
  const result = await (ports.run ?? run)(program, args, {
    env: {
      ...environmentFor('buildx', ports.env),
      BUILDX_METADATA_WARNINGS: '1',
      // It stands in the layout, and buildx would fetch it from the builder once more.
      BUILDX_METADATA_PROVENANCE: 'disabled',
      ...(sourceDateEpoch === undefined ? {} : { SOURCE_DATE_EPOCH: String(sourceDateEpoch) }),
    },
    timeoutMs: request.timeoutMs,
    signal: ports.signal,
    acceptExitCodes: Array.from({ length: 128 }, (_, code) => code),
    onLine: (line) => {
      ports.log.info(line);
      steps.see(line);
    },
  });
  if (result.exitCode !== 0) throw buildFailure(result.stderr, request.file);
  return { durationMs: result.durationMs, steps: steps.counted(request.platforms) };
}

/** The command line of one build; nothing secret may be in it. */
export function buildxArguments(request: BuildxRequest, metadataFile: string): string[] {
  const annotations = (request.annotations ?? []).map(
    ({ level, platform, key, value }) => `${level}${platform === undefined ? '' : `[${platform}]`}:${key}=${value}`,
  );
  const output = csv([
    'type=oci',
    'tar=false',
    `dest=${path.resolve(request.destination)}`,
    `name=${request.imageName}`,
    // Without it only the configuration is dated by SOURCE_DATE_EPOCH, and the files in the layers are not.
    ...(request.sourceDateEpoch === undefined ? [] : ['rewrite-timestamp=true']),
  ]);
  return [
    'build',
    ...each('--file', [request.file]),
    ...each('--platform', request.platforms.length === 0 ? [] : [request.platforms.join(',')]),
    ...each('--build-arg', pairs(request.buildArgs)),
    ...each('--label', pairs(request.labels)),
    ...each('--annotation', annotations),
    ...optionArguments(request),
    ...each('--output', [output]),
    ...each('--metadata-file', [metadataFile]),
    '--progress=plain',
    '--',
    request.context,
  ];
}

async function requireEmpty(destination: string): Promise<void> {
  await mkdir(path.dirname(path.resolve(destination)), { recursive: true });
  const entries = await readdir(destination).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (entries.length === 0) return;
  throw new PlimsollError('input-conflict', `The layout directory ${destination} is not empty`, {
    hint: 'Name a directory that does not exist yet; a second image in one layout could not be told from the first.',
  });
}

function noMetadata(): PlimsollError {
  return new PlimsollError('tool-output-invalid', 'buildx ended well but did not say which digest it built', {
    hint: 'Use the version of buildx that the catalog pins, or another builder.',
  });
}
