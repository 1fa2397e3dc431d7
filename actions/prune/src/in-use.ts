import { readEphemera } from '@plimsoll/core/github/ephemera';
import type { Ephemera } from '@plimsoll/core/policy/ephemera';
import type { RetentionPolicy } from '@plimsoll/core/policy/retention';
import { pinsFromDeployments } from '@plimsoll/core/stages/prune/pinned-deployments';
import { pinsFromRegistries } from '@plimsoll/core/stages/prune/pinned-elsewhere';
import { pinsFromFiles } from '@plimsoll/core/stages/prune/pinned-files';
import { pinsFromGit } from '@plimsoll/core/stages/prune/pinned-git';
import { pinsFromHistory } from '@plimsoll/core/stages/prune/pinned-history';
import { mergePins, type Pins } from '@plimsoll/core/stages/prune/pins';
import type { PlanRequest } from '@plimsoll/core/stages/prune/planner';
import { absentSubjects } from '@plimsoll/core/stages/prune/absent-subjects';
import type { PackageVersion } from '@plimsoll/core/policy/retention-rules';
import type { PruneContext } from './inputs.ts';
import type { PackagePlanes } from './package-planes.ts';

/** What files, deployments, other registries and the history of channels say is in use. @throws what they throw: then it is unknown */
export async function readPins(
  context: PruneContext,
  { sources }: RetentionPolicy,
  { planes, versions }: { readonly planes: PackagePlanes; readonly versions: readonly PackageVersion[] },
): Promise<Pins> {
  const { workspace, repository } = context.github;
  const { files: patterns, deployments, registries, history, git } = sources;
  const { label } = planes;
  return mergePins(
    await Promise.all([
      pinsFromFiles({ patterns, workspace, package: label }),
      pinsFromDeployments(context.api(), { deployments, repository, package: label }),
      pinsFromRegistries(registries, {
        registries: context.registries(),
        here: new Set(registries.length === 0 ? [] : versions.map(({ digest }) => digest)),
      }),
      pinsFromGit(context.api(), { git, repository, package: label }),
      pinsFromHistory(history, { versions, source: planes.content(new Set(versions.flatMap(({ tags }) => tags))) }),
    ]),
  );
}

/** Nobody is asked unless the policy says what the evidence in the package is about. */
export function readSubjects(context: PruneContext, { sources }: RetentionPolicy): PlanRequest['absent'] {
  const { evidenceOf } = sources;
  if (evidenceOf.length === 0) return undefined;
  return (subjects) => absentSubjects(evidenceOf, subjects, { registries: context.registries(), clock: context.clock });
}

/** `undefined` when no channel keeps anything for as long as a branch or a pull request is there. */
export function readEphemeraFor(context: PruneContext, { channels }: RetentionPolicy): Promise<Ephemera | undefined> {
  const kinds = new Set(channels.flatMap(({ keep }) => keep.while ?? []));
  return kinds.size === 0 ? Promise.resolve(undefined) : readEphemera(context.api(), context.github.repository, kinds);
}
