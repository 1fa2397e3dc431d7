import { fullName, parseRepositoryName, repositoryLabel } from '../oci/reference.ts';
import type { PlimsollError } from '../runtime/errors.ts';
import { nearest } from '../runtime/nearest.ts';

/** An image of the family that another one is built on. */
export interface Need {
  /** What the Dockerfile calls it, as in `FROM base`. */
  readonly context: string;
  /** Name of the member. */
  readonly member: string;
}

/** One image of a family, as it was written; what is absent is as the inputs of the step say. */
export interface FamilyMember {
  readonly name: string;
  /** `registry/repository`. */
  readonly image: string;
  readonly context: string | undefined;
  readonly file: string | undefined;
  /** The text of the Dockerfile, in place of a file. */
  readonly dockerfile: string | undefined;
  readonly target: string | undefined;
  readonly platforms: readonly string[] | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly buildContexts: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: readonly string[];
  readonly tags: readonly string[] | undefined;
  /** As the input `smoke-test` has it, one line or YAML. */
  readonly smokeTest: unknown;
  readonly needs: readonly Need[];
  /** A failure at the place where the member says this. @param path - keys below the member */
  readonly refuse: (path: readonly string[], message: string, hint: string) => PlimsollError;
}

/**
 * The members in an order in which each comes after those that it needs, otherwise as they were written.
 * @throws PlimsollError `family-invalid` for two of one name or one image, a need that nobody is, and a circle
 */
export function orderFamily(members: readonly FamilyMember[]): readonly FamilyMember[] {
  refuseTwins(members);
  const byName = new Map(members.map((member) => [member.name, member]));
  for (const member of members) refuseBadNeeds(member, byName);
  const placed = new Set<FamilyMember>();
  for (const member of members) place(member, { byName, placed, way: [] });
  return [...placed];
}

interface Placing {
  readonly byName: ReadonlyMap<string, FamilyMember>;
  readonly placed: Set<FamilyMember>;
  /** From the member that was asked for down to this one. */
  readonly way: readonly string[];
}

function place(member: FamilyMember, { byName, placed, way }: Placing): void {
  if (placed.has(member)) return;
  const here = [...way, member.name];
  if (way.includes(member.name)) {
    const circle = here.slice(way.indexOf(member.name)).join(' → ');
    throw member.refuse(
      ['needs'],
      `${circle} is a circle`,
      'An image cannot be built on itself; take one "needs" away.',
    );
  }
  for (const { member: name } of member.needs) {
    const need = byName.get(name);
    if (need !== undefined) place(need, { byName, placed, way: here });
  }
  placed.add(member);
}

/** Every image of a commit is found by `sha-<commit>`, so two of one repository could not be told apart. */
function refuseTwins(members: readonly FamilyMember[]): void {
  for (const [index, member] of members.entries()) {
    const before = members.slice(0, index);
    if (before.some(({ name }) => name === member.name))
      throw member.refuse(['name'], `the name "${member.name}" is given twice`, 'Give every image a name of its own.');
    const label = labelOf(member);
    const twin = before.find((other) => labelOf(other) === label);
    if (twin === undefined) continue;
    const message = `${twin.name} and ${member.name} are both ${label}, and both would be its sha-<commit>`;
    throw member.refuse(['image'], message, `Write a repository of its own, such as "image: ${label}-${member.name}".`);
  }
}

/** Docker Hub has several names, so two that are written apart may be one. */
function labelOf({ image }: FamilyMember): string {
  return repositoryLabel(parseRepositoryName(image));
}

function refuseBadNeeds(member: FamilyMember, byName: ReadonlyMap<string, FamilyMember>): void {
  // BuildKit takes the last of two that it compares as one.
  const known = (context: string) => fullName(context) ?? context;
  const contexts = new Set(Object.keys(member.buildContexts).map(known));
  for (const { context, member: name } of member.needs) {
    if (!byName.has(name)) {
      const meant = nearest(name, [...byName.keys()]);
      const hint =
        meant === undefined ? `The names here are: ${[...byName.keys()].join(', ')}.` : `Did you mean "${meant}"?`;
      throw member.refuse(['needs'], `${member.name} needs "${name}", and no image here is called that`, hint);
    }
    if (contexts.has(known(context)))
      throw member.refuse(
        ['needs'],
        `${member.name} has two contexts "${context}"`,
        'Give each context one name, once.',
      );
    contexts.add(known(context));
  }
}
