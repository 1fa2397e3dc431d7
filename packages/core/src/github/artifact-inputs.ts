import path from 'node:path';
import { imageAnnotations } from '../metadata/annotations.ts';
import { OCI_CONFIG } from '../oci/media-types.ts';
import { nearest } from '../runtime/nearest.ts';
import { PlimsollError } from '../runtime/errors.ts';
import { OPTION_INPUTS } from './build-options.ts';
import type { Inputs } from './inputs.ts';
import { firstSaid } from './said-inputs.ts';

/** The inputs that make an artifact of files in place of an image. */
export const ARTIFACT_INPUTS = ['artifact-type', 'files'] as const;

/** One line of `files`. */
export interface NamedFile {
  /** Relative to the workspace, with forward slashes: the name in the artifact. */
  readonly title: string;
  readonly mediaType: string | undefined;
}

export interface ArtifactInputs {
  readonly artifactType: string;
  /** Each name once; at least one. */
  readonly files: readonly NamedFile[];
}

/** RFC 6838, section 4.2. */
const NAME = '[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}';
const MEDIA_TYPE = new RegExp(`^${NAME}/${NAME}$`);
/** Types by which others tell images and evidence from artifacts. */
const RESERVED = /^application\/vnd\.(?:oci\.(?:image|empty)\.|docker\.|in-toto\b|dev\.sigstore\.|dev\.cosign)/;
/** Each is a layer and an entry of the manifest, which registries limit to 4 MiB. */
const MOST_FILES = 1000;
/** What is said of an artifact too. */
const EVIDENCE: readonly string[] = ['provenance', 'sbom'];
const IMAGE_ONLY = [
  'file',
  'docker-matrix',
  'images-matrix',
  'build-args',
  'labels',
  'shards',
  'runners',
  'smoke-test',
  'compose-file',
  ...OPTION_INPUTS,
  'context',
  'mode',
  'platforms',
  'if-missing',
  'cache',
] as const;

type ArtifactInputName = (typeof ARTIFACT_INPUTS)[number] | (typeof IMAGE_ONLY)[number] | 'annotations';

/**
 * What is to be published in place of an image; nothing where `files` is not given.
 * @throws PlimsollError `input-missing`, `input-invalid`, `input-conflict`
 */
export function readArtifactInputs(inputs: Inputs<ArtifactInputName>, workspace: string): ArtifactInputs | undefined {
  const artifactType = inputs.text('artifact-type');
  if (inputs.text('files') === undefined) {
    if (artifactType === undefined) return undefined;
    throw new PlimsollError('input-missing', '"artifact-type" is given, and "files" is not', {
      hint: 'Write under "files: |" one "path:media-type" per line, or leave "artifact-type" out to build an image.',
    });
  }
  refuseImageInputs(inputs);
  refuseOtherLevels(inputs.entries('annotations'));
  if (artifactType === undefined) {
    throw new PlimsollError('input-missing', '"files" is given, and "artifact-type" is not', {
      hint: 'Write what kind of thing it is, such as "artifact-type: application/vnd.acme.installer.v1".',
    });
  }
  if (!MEDIA_TYPE.test(artifactType)) throw badType('artifact-type', artifactType);
  if (RESERVED.test(artifactType)) throw reserved(artifactType);
  return { artifactType, files: readFiles(inputs.lines('files'), workspace) };
}

function refuseImageInputs(inputs: Inputs<ArtifactInputName>): void {
  const other = firstSaid(
    inputs,
    IMAGE_ONLY.filter((name) => !EVIDENCE.includes(name)),
  );
  if (other === undefined) return;
  throw new PlimsollError(
    'input-conflict',
    `"files" makes an artifact that is no image, and "${other}" is for images`,
    {
      hint:
        other === 'labels'
          ? 'Write what "labels" says as "annotations".'
          : `Leave "${other}" out; or leave "files" and "artifact-type" out to build an image of a Dockerfile.`,
    },
  );
}

/** An artifact is one manifest, without an index above it. */
function refuseOtherLevels(lines: readonly string[]): void {
  const stray = imageAnnotations({}, lines).find(
    ({ level, platform }) => level !== 'manifest' || platform !== undefined,
  );
  if (stray === undefined) return;
  const { level, platform, key } = stray;
  const place = platform === undefined ? level : `${level}[${platform}]`;
  throw new PlimsollError(
    'input-conflict',
    `"annotations" has "${key}" for "${place}", which an artifact does not have`,
    {
      hint: `Write "${key}=value" without a level: it stands on the manifest, which is all there is.`,
    },
  );
}

function readFiles(lines: readonly string[], workspace: string): readonly NamedFile[] {
  if (lines.length === 0) throw invalid('lists no file', EXAMPLE);
  if (lines.length > MOST_FILES)
    throw invalid(`lists ${lines.length} files; at most ${MOST_FILES} can be told apart`, 'List their directory.');
  const files = lines.map((line) => readFile(line, workspace));
  const titles = files.map(({ title }) => title);
  const twice = titles.find((title, index) => titles.indexOf(title) !== index);
  if (twice !== undefined) throw invalid(`lists "${twice}" twice`, 'List it once, with one media type.');
  const inner = titles.find((title) => titles.some((other) => title.startsWith(`${other}/`)));
  if (inner !== undefined) throw invalid(`lists "${inner}" and a directory that it is in`, 'List one of them.');
  return files;
}

/** As oras reads it: what follows the last colon is the type. */
function readFile(line: string, workspace: string): NamedFile {
  const [, place = line, type] = /^(.*):([^:]*)$/s.exec(line) ?? [];
  if (type !== undefined && !MEDIA_TYPE.test(type)) throw badType('files', type);
  if (type !== undefined && type.startsWith('application/vnd.oci.image.config.')) throw reserved(OCI_CONFIG);
  const title = path.relative(workspace, path.resolve(workspace, place)).replaceAll(path.sep, '/');
  if (place.trim() === '' || title === '') throw invalid(`has "${line.slice(0, 200)}", which names no file`, EXAMPLE);
  if (title === '..' || title.startsWith('../'))
    throw invalid(`has "${place.slice(0, 200)}", which is not in the workspace`, 'Copy it there in a step before.');
  return { title, mediaType: type };
}

const EXAMPLE = 'Write one "path:media-type" per line, such as "dist/install.sh:text/x-shellscript".';

function badType(input: string, type: string): PlimsollError {
  const meant = nearest(type, ['application/json', 'application/octet-stream', 'application/gzip', 'text/plain']);
  return new PlimsollError(
    'input-invalid',
    `The input "${input}" has "${type.slice(0, 200)}", which is no media type`,
    {
      hint: `A media type is "type/subtype", such as "application/json".${meant ? ` Did you mean "${meant}"?` : ''} A path with a colon needs its type behind it.`,
    },
  );
}

function reserved(type: string): PlimsollError {
  return new PlimsollError(
    'input-invalid',
    `"${type}" is a type by which images and evidence are told from artifacts`,
    {
      hint: 'Choose a type of your own, such as "application/vnd.acme.installer.v1".',
    },
  );
}

function invalid(why: string, hint: string): PlimsollError {
  return new PlimsollError('input-invalid', `The input "files" ${why}`, { hint });
}
