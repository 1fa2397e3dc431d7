import type { Digest } from '@plimsoll/core/oci/digest';
import type { Registries } from '@plimsoll/core/oci/registry/registries';
import type { PromoteLeg } from '@plimsoll/core/stages/promote/leg';
import { previousDigests } from '@plimsoll/core/stages/promote/rollback';
import type { PromoteContext, PromoteInputs } from './inputs.ts';

/** One leg for each image and each place that it goes to, with the repositories opened. */
export async function openLegs(given: PromoteInputs, context: PromoteContext): Promise<readonly PromoteLeg[]> {
  const { sources, places, goal } = given;
  const registries = openEnds(given, context);
  if (goal.kind === 'promote') {
    const open = oncePer(registries.from);
    return places.flatMap(({ label, repositories }) =>
      repositories.flatMap((name, index) => {
        const source = sources[index];
        if (source === undefined) return [];
        const mount = registries.to === registries.from && name.registry === source.registry;
        const destination = registries.to.repository(name, 'push');
        const leg = { source: open(source), destination, reference: source.digest ?? source.tag ?? '', group: label };
        return [mount ? { ...leg, mountFrom: source.repository } : leg];
      }),
    );
  }
  const repositories = sources.map((name) => registries.from.repository(name, 'push'));
  const digests: readonly Digest[] =
    goal.to === 'previous' ? await previousDigests(repositories, goal.channel, context.log) : goal.to;
  return repositories.flatMap((repository, index) => {
    const reference = digests[index];
    const ends = { source: repository, destination: repository, group: 'rollback' };
    return reference === undefined ? [] : [{ ...ends, reference }];
  });
}

/** One set of connections for both ends when they are the same, or no login tells them apart. */
function openEnds({ sources, places, sourceLogin, destinationLogin }: PromoteInputs, context: PromoteContext) {
  if (places.every(({ repositories }) => repositories === sources)) {
    // Whoever may write may read.
    const both = context.registries(destinationLogin.length > 0 ? destinationLogin : sourceLogin);
    return { from: both, to: both };
  }
  const from = context.registries(sourceLogin);
  const apart = sourceLogin.length > 0 || destinationLogin.length > 0;
  return { from, to: apart ? context.registries(destinationLogin) : from };
}

/** An image that goes to several places is read through one repository, which remembers its manifests. */
function oncePer(registries: Registries) {
  const opened = new Map<PromoteInputs['sources'][number], ReturnType<Registries['repository']>>();
  return (name: PromoteInputs['sources'][number]) => {
    const known = opened.get(name) ?? registries.repository(name);
    opened.set(name, known);
    return known;
  };
}
