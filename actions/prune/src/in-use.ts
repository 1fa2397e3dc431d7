import { readEphemera } from '@plimsoll/core/github/ephemera';
import type { Ephemera } from '@plimsoll/core/policy/ephemera';
import type { RetentionPolicy } from '@plimsoll/core/policy/retention';
import { pinsFromDeployments } from '@plimsoll/core/stages/prune/pinned-deployments';
import { pinsFromRegistries } from '@plimsoll/core/stages/prune/pinned-elsewhere';
import { pinsFromFiles } from '@plimsoll/core/stages/prune/pinned-files';
import { mergePins, type Pins } from '@plimsoll/core/stages/prune/pins';
import type { PruneContext } from './inputs.ts';

/** What files, deployments and other registries say is in use. @throws what they throw: then it is unknown */
export async function readPins(context: PruneContext, { sources }: RetentionPolicy, label: string): Promise<Pins> {
  const { workspace, repository } = context.github;
  const { files: patterns, deployments, registries } = sources;
  return mergePins(
    await Promise.all([
      pinsFromFiles({ patterns, workspace, package: label }),
      pinsFromDeployments(context.api(), { deployments, repository, package: label }),
      pinsFromRegistries(registries, context.registries()),
    ]),
  );
}

/** `undefined` when no channel keeps anything for as long as a branch or a pull request is there. */
export function readEphemeraFor(context: PruneContext, { channels }: RetentionPolicy): Promise<Ephemera | undefined> {
  const kinds = new Set(channels.flatMap(({ keep }) => keep.while ?? []));
  return kinds.size === 0 ? Promise.resolve(undefined) : readEphemera(context.api(), context.github.repository, kinds);
}
