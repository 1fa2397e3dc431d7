import type { GitHubApi } from '../../github/api.ts';
import { type Deployment, recentDeployments } from '../../github/deployments.ts';
import type { ProtectionSources } from '../../policy/retention.ts';
import { namedVersions } from './pinned-text.ts';
import { mergePins, type Pins } from './pins.ts';

export interface PinnedDeploymentsRequest {
  readonly deployments: ProtectionSources['deployments'];
  /** Whose deployments, as `owner/name`. */
  readonly repository: string;
  /** `registry/owner/name`. */
  readonly package: string;
}

/**
 * What was deployed: the image of the commit (`sha-<commit>`), the tag of the same name as the ref, and every digest
 * and reference in payload and description.
 * @throws PlimsollError `github-*`
 */
export async function pinsFromDeployments(api: GitHubApi, request: PinnedDeploymentsRequest): Promise<Pins> {
  const all = await Promise.all(
    request.deployments.map(async (one) => {
      const found = await recentDeployments(api, { ...one, repository: request.repository });
      if (found.length > 0) return found.map((deployment) => pinsOf(deployment, request.package));
      const note = `protect.deployments: nothing was deployed to ${one.environment}`;
      return [{ digests: new Map(), tags: new Map(), notes: [note] }];
    }),
  );
  return mergePins(all.flat());
}

function pinsOf({ environment, sha, ref, text }: Deployment, packageName: string): Pins {
  const rule = `protect/deployed-to-${environment}`;
  const { digests, tags } = namedVersions(text, packageName);
  const names = [`sha-${sha}`, ref, ...tags];
  return {
    digests: new Map([...digests].map((digest) => [digest, rule])),
    tags: new Map(names.map((tag) => [tag, rule])),
    notes: [],
  };
}
