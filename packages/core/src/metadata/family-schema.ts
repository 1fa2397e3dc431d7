import * as v from 'valibot';
import { parseRepositoryName } from '../oci/reference.ts';
import { PlimsollError } from '../runtime/errors.ts';

const text = v.pipe(v.string(), v.trim(), v.nonEmpty('must not be empty'));
const scalar = v.pipe(v.union([v.string(), v.number(), v.boolean()]), v.transform(String));
const values = v.record(text, scalar);

/** A list, or the same as one text with a value on each line. */
const lines = v.pipe(
  v.union([v.string(), v.array(text)]),
  v.transform((given) => (typeof given === 'string' ? given.split('\n') : given)),
  v.transform((given) => given.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))),
);

const list = v.pipe(
  lines,
  v.transform((given) => given.flatMap((line) => line.split(',')).map((item) => item.trim())),
);

/** In place of what the step says: an empty one would be neither that nor anything else. */
const LEFT_OUT = 'is empty; leave it out for what the inputs of the step say';
const someLines = v.pipe(
  lines,
  v.check((given) => given.length > 0, LEFT_OUT),
);
const someOfList = v.pipe(
  list,
  v.check((given) => given.length > 0, LEFT_OUT),
);

const name = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'a name has small letters, digits, dots, dashes and underscores'),
);

const image = v.pipe(text, v.check(isRepository, 'is not registry/repository'));

function isRepository(given: string): boolean {
  try {
    parseRepositoryName(given);
    return true;
  } catch (error) {
    if (error instanceof PlimsollError) return false;
    throw error;
  }
}

/** What is said of one image; what is not said is as the inputs of the step say. */
const member = {
  image: v.pipe(image, v.description('Where it is published, as registry/repository without tag.')),
  context: v.pipe(v.optional(text), v.description('Build context; the directory of this file unless given.')),
  file: v.pipe(v.optional(text), v.description('The Dockerfile; looked for in the context unless given.')),
  'dockerfile-inline': v.pipe(v.optional(text), v.description('The Dockerfile itself, in place of a file.')),
  target: v.pipe(v.optional(text), v.description('Stage of the Dockerfile to build.')),
  platforms: v.pipe(v.optional(someOfList), v.description('Platforms, such as linux/amd64.')),
  'build-args': v.pipe(v.optional(values, {}), v.description('Build arguments, over those of the step; no secrets.')),
  'build-contexts': v.pipe(v.optional(values, {}), v.description('Named contexts, beside those of the step.')),
  labels: v.pipe(v.optional(values, {}), v.description('Image labels, over those of the step.')),
  annotations: v.pipe(v.optional(lines, []), v.description('Annotations, [level:]key=value, after those of the step.')),
  tags: v.pipe(v.optional(someLines), v.description('Entries for the tags, in place of those of the step.')),
  'smoke-test': v.pipe(v.optional(v.unknown()), v.description('How it is started before it is published.')),
  needs: v.pipe(
    v.optional(v.union([list, v.record(text, name)]), []),
    v.description('Images of this family that it is built on; as a map, what the Dockerfile calls each.'),
  ),
};

/** A list of images, each with its name. */
export const familyList = v.array(v.strictObject({ name, ...member }));
/** A map of images by name. */
export const familyMap = v.record(name, v.strictObject(member));
/** Either, for editors. */
export const familySchema = v.union([familyList, familyMap]);

export type MemberEntry = v.InferOutput<typeof familyList>[number];
