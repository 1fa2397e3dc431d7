import { isAbsolute } from 'node:path';
import * as v from 'valibot';
import { isTag, parseReference, repositoryLabel } from '../oci/reference.ts';
import { PlimsollError } from '../runtime/errors.ts';
import { type FamilyMember, orderFamily } from './family.ts';

const texts = v.optional(v.array(v.string()), []);
/** A value of null leaves an argument as the Dockerfile has it. */
const values = v.pipe(
  v.optional(v.record(v.string(), v.nullable(v.string())), {}),
  v.transform((given) =>
    Object.fromEntries(Object.entries(given).flatMap(([key, value]) => (value === null ? [] : [[key, value]]))),
  ),
);

const target = v.object({
  context: v.optional(v.string(), '.'),
  dockerfile: v.optional(v.string()),
  'dockerfile-inline': v.optional(v.string()),
  target: v.optional(v.string()),
  platforms: v.optional(v.array(v.string())),
  args: values,
  contexts: v.optional(v.record(v.string(), v.string()), {}),
  labels: values,
  annotations: texts,
  tags: texts,
});

/** What every image of a step has, whatever a bake file says: it goes to a layout, with SBOM and provenance. */
const OURS: readonly string[] = ['output', 'attest', 'description', 'call'];

/** Attributes that are inputs of the step, and what those are called. */
const INPUTS: Readonly<Record<string, string>> = {
  secret: 'secrets',
  'no-cache-filter': 'no-cache-filters',
  ulimits: 'ulimit',
  'extra-hosts': 'add-hosts',
  entitlements: 'allow',
};

/**
 * The images of a bake file, as buildx has resolved it. `contexts` that name a target are what an image needs.
 * @param targets - by name
 * @param fileName as people know it; for messages
 * @throws PlimsollError `family-invalid`, also for an attribute that would be left out
 */
export function bakeFamily(targets: Readonly<Record<string, unknown>>, fileName: string): readonly FamilyMember[] {
  return orderFamily(Object.entries(targets).map(([name, given]) => memberOf(name, given, fileName)));
}

function memberOf(name: string, given: unknown, fileName: string): FamilyMember {
  const refuse: FamilyMember['refuse'] = (path, message, hint) =>
    new PlimsollError('family-invalid', `${fileName}, target "${[name, ...path].join('.')}": ${message}`, { hint });
  refuseUnknown(given, refuse);
  const parsed = v.safeParse(target, given);
  if (!parsed.success) {
    const path = parsed.issues[0].path?.map(({ key }) => String(key)) ?? [];
    throw refuse(path, parsed.issues[0].message, 'Correct the value in the bake file.');
  }
  const { output } = parsed;
  const { context, dockerfile = 'Dockerfile' } = output;
  const inline = output['dockerfile-inline'];
  const contexts = Object.entries(output.contexts);
  return {
    name,
    ...imageOf(output.tags, refuse),
    context,
    file: inline === undefined ? fileOf(context, dockerfile) : undefined,
    dockerfile: inline,
    target: output.target,
    // Bake has none where none are said.
    platforms: output.platforms?.length === 0 ? undefined : output.platforms,
    buildArgs: output.args,
    buildContexts: Object.fromEntries(contexts.filter(([, value]) => !value.startsWith('target:'))),
    labels: output.labels,
    annotations: output.annotations,
    smokeTest: undefined,
    needs: contexts.flatMap(([each, value]) =>
      value.startsWith('target:') ? [{ context: each, member: value.slice('target:'.length) }] : [],
    ),
    refuse,
  };
}

/** As for bake, in the context unless it is absolute; a repository that is the context is read by BuildKit itself. */
function fileOf(context: string, dockerfile: string): string {
  return isUrl(context) || isAbsolute(dockerfile) ? dockerfile : `${context}/${dockerfile}`;
}

const isUrl = (context: string) => /^[a-z][a-z0-9+.-]*:\/\/|^git@/i.test(context);

function refuseUnknown(given: unknown, refuse: FamilyMember['refuse']): void {
  const known = [...Object.keys(target.entries), ...OURS];
  const key = Object.keys(given as object).find((each) => !known.includes(each));
  if (key === undefined) return;
  const hint = `Take it out of the bake file, and write the input "${INPUTS[key] ?? key}" of this step, which holds for all images.`;
  throw refuse([key], 'this attribute is not supported', hint);
}

/** A target's tags name its repository; those with a tag say which tags it gets. */
function imageOf(tags: readonly string[], refuse: FamilyMember['refuse']): Pick<FamilyMember, 'image' | 'tags'> {
  const named = tags.map((text) => {
    const { tag, digest, ...name } = parseReference(text);
    if (digest !== undefined || (tag !== undefined && !isTag(tag)))
      throw refuse(['tags'], `"${text}" is not a tag`, 'Write tags such as "ghcr.io/acme/app:main".');
    return { label: repositoryLabel(name), tag };
  });
  const [first, ...others] = [...new Set(named.map(({ label }) => label))];
  if (first === undefined)
    throw refuse(
      [],
      'it has no tags, which would name the image',
      'Write tags = ["ghcr.io/acme/name"]; every image of a family is published.',
    );
  if (others.length > 0)
    throw refuse(
      ['tags'],
      `they name ${first} and ${others[0]}`,
      'Name one repository; the promote action takes images to others.',
    );
  const given = named.flatMap(({ tag }) => (tag === undefined ? [] : [`type=raw,value=${tag}`]));
  return { image: first, tags: given.length === 0 ? undefined : given };
}
