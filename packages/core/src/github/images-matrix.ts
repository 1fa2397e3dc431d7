import { parseRepositoryName, repositoryLabel } from '../oci/reference.ts';
import type { MatrixImage } from '../metadata/images-matrix.ts';
import { entriesOf, writeEntry } from './input-entries.ts';
import { type JsonInput, type JsonObject, listOf, objectOf, parseJson, textOf, wrong } from './matrix-json.ts';
import { readPlatforms } from './platforms-input.ts';

const INPUT: JsonInput = {
  name: 'images-matrix',
  example:
    '[{"image": "ghcr.io/acme/api", "context": "api", "platforms": ["linux/amd64"], "build-args": {"NAME": "value"}}]',
};
const KEYS = ['image', 'context', 'file', 'platforms', 'build-args'];
/** GitHub starts no more jobs than these from one matrix. */
const MOST_JOBS = 256;

/**
 * Reads the `images-matrix` input, images that have nothing to do with each other; a list, or that list as `include`.
 *
 * @throws PlimsollError `input-invalid`, also for an image that would be built twice; `reference-invalid`
 */
export function readImagesMatrix(text: string): readonly MatrixImage[] {
  const parsed = parseJson(INPUT, text);
  const listed = Array.isArray(parsed) ? (parsed as unknown[]) : objectOf(INPUT, parsed, ['include'])['include'];
  const images = listOf(INPUT, 'include', listed).map((value) => readImage(objectOf(INPUT, value, KEYS)));
  if (images.length === 0) throw wrong(INPUT, 'has no image');
  if (images.length > MOST_JOBS) throw wrong(INPUT, `has ${images.length} images; one matrix starts ${MOST_JOBS} jobs`);
  const names = images.map(({ image }) => image);
  const again = names.find((name, index) => names.indexOf(name) !== index);
  if (again !== undefined) throw wrong(INPUT, `has ${again} twice, and its tags can name one of the two only`);
  return images;
}

function readImage(entry: JsonObject): MatrixImage {
  const image = textOf(INPUT, 'image', entry['image']);
  if (image === undefined) throw wrong(INPUT, 'has an entry without an image');
  return {
    image: repositoryLabel(parseRepositoryName(image)),
    context: textOf(INPUT, 'context', entry['context']) ?? '.',
    file: textOf(INPUT, 'file', entry['file']),
    platforms: readPlatforms(platformsOf(entry['platforms']), INPUT.name),
    buildArgs: argumentsOf(entry['build-args']),
  };
}

/** A list, or as the input `platforms` has it. */
function platformsOf(value: unknown): readonly string[] {
  const listed = typeof value === 'string' ? value.split(/[,\n]/) : listOf(INPUT, 'platforms', value);
  return listed.flatMap((one) => textOf(INPUT, 'platforms', one) ?? []);
}

/** An object, or lines as the input `build-args` has them. */
function argumentsOf(value: unknown): readonly string[] {
  if (value === undefined) return [];
  const given = typeof value === 'string' ? entriesOf(INPUT.name, value).map(({ text }) => text) : argumentLines(value);
  // The line itself is not shown: it may hold what should not be in a log.
  if (given.some((line) => !/^[^=\s]+=/.test(line))) throw wrong(INPUT, 'has a build argument that is not NAME=value');
  return given.map(writeEntry);
}

function argumentLines(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map((line) => textOf(INPUT, 'build-args', line) ?? '');
  if (typeof value !== 'object' || value === null) throw wrong(INPUT, 'has build arguments that are no object');
  return Object.entries(value).map(([name, given]) => {
    if (/^(?:string|number|boolean)$/.test(typeof given) && !/[\r\n]/.test(String(given)))
      return `${name}=${String(given)}`;
    throw wrong(INPUT, `has a value under "build-args" for ${name.slice(0, 100)} that is no text of one line`);
  });
}
