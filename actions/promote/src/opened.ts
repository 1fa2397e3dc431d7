import { isGhcr, packageSettingsUrl, packageVisibility } from '@plimsoll/core/github/package-page';
import { noCredentials } from '@plimsoll/core/oci/auth/credentials';
import type { RepositoryName } from '@plimsoll/core/oci/reference';
import { QuayApi } from '@plimsoll/core/oci/registry/quay-api';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import { PlimsollError } from '@plimsoll/core/runtime/errors';
import type { LegResult } from '@plimsoll/core/stages/promote/leg';
import {
  checkOpenness,
  type Openness,
  type OpennessPorts,
  type Visibility,
} from '@plimsoll/core/stages/promote/openness';
import type { PromoteContext, PromoteInputs } from './inputs.ts';

/** What is found of each image that arrived, in the order of the results; nothing for one that did not. */
export async function openResults(
  results: readonly LegResult[],
  given: PromoteInputs,
  context: PromoteContext,
): Promise<readonly (Openness | undefined)[]> {
  const ports = openPorts(given, context);
  return Promise.all(
    results.map(async ({ leg: { destination }, plan, moved }) => {
      const tags = moved?.map(({ name }) => name);
      const { name, label } = destination;
      return tags && checkOpenness({ name, label, digest: plan.root.digest, tags }, given.openness, ports);
    }),
  );
}

function openPorts({ quayToken }: PromoteInputs, context: PromoteContext): OpennessPorts {
  const { http, clock, signal, log } = context;
  const strangers = new Registries({ credentials: noCredentials, http, clock, signal });
  return {
    anonymous: (name) => strangers.repository(name),
    visibilityOf: (name) => (isGhcr(name, context) ? visibilityOf(name, context) : undefined),
    ...(quayToken && {
      setVisibility: (repository: RepositoryName, wanted: Visibility) =>
        new QuayApi({ repository, token: quayToken, http, clock, signal }).setVisibility(wanted),
    }),
    settingsUrl: (name) => settingsUrl(name, context, quayToken !== undefined),
    log,
  };
}

/**
 * The token would go to each registry that is not GHCR, so there may be one only.
 * @throws PlimsollError `input-conflict`
 */
export function refuseStrayToken({ quayToken, places }: PromoteInputs, context: PromoteContext): void {
  const names = places.flatMap(({ repositories }) => repositories).filter((name) => !isGhcr(name, context));
  const hosts = new Set(names.map(({ registry }) => registry));
  if (quayToken === undefined || hosts.size === 1) return;
  throw new PlimsollError(
    'input-conflict',
    `"quay-token" is for one registry, and there are ${hosts.size} it could go to`,
    {
      hint: 'Promote to Quay in a step of its own.',
    },
  );
}

async function visibilityOf(name: RepositoryName, context: PromoteContext): Promise<Visibility> {
  return (await packageVisibility(name, context.api())) === 'public' ? 'public' : 'private';
}

function settingsUrl(name: RepositoryName, context: PromoteContext, isQuay: boolean): string | undefined {
  const { registry, repository } = name;
  if (isGhcr(name, context)) return packageSettingsUrl(name, context.github);
  return isQuay || registry === 'quay.io' ? `https://${registry}/repository/${repository}?tab=settings` : undefined;
}
