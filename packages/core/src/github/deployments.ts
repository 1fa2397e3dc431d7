import * as v from 'valibot';
import { isFailure, PlimsollError } from '../runtime/errors.ts';
import type { GitHubApi } from './api.ts';

/** A deployment, as far as it says what was deployed. */
export interface Deployment {
  readonly environment: string;
  /** The commit. */
  readonly sha: string;
  /** Branch, tag or commit that was asked for. */
  readonly ref: string;
  /** Payload and description, as text. */
  readonly text: string;
}

const Listed = v.looseObject({
  id: v.pipe(v.number(), v.safeInteger()),
  sha: v.string(),
  ref: v.string(),
  payload: v.unknown(),
  description: v.nullish(v.string()),
});

const Status = v.looseObject({ state: v.string() });

export interface DeploymentsRequest {
  /** `owner/name`. */
  readonly repository: string;
  readonly environment: string;
  /** Successful deployments. */
  readonly keep: number;
}

/**
 * The newest deployments of an environment, back to the one that makes up the number of successful ones; newer ones
 * that failed or are under way are among them. docs.github.com/rest/deployments.
 * @throws PlimsollError `github-denied` without `deployments: read`, and `github-*`
 */
export async function recentDeployments(api: GitHubApi, request: DeploymentsRequest): Promise<readonly Deployment[]> {
  try {
    return await collect(api, request);
  } catch (cause) {
    if (!isFailure(cause, 'github-denied', 'github-not-found')) throw cause;
    const message = `The deployments of ${request.repository} to ${request.environment} cannot be read`;
    throw new PlimsollError('github-denied', message, {
      hint: 'What is deployed is unknown, so nothing was deleted. Write "permissions: deployments: read" in the job.',
      cause,
    });
  }
}

async function collect(api: GitHubApi, { repository, environment, keep }: DeploymentsRequest): Promise<Deployment[]> {
  const path = `/repos/${repository}/deployments`;
  const found: Deployment[] = [];
  let successes = 0;
  for await (const page of api.pages(path, { environment })) {
    for (const one of shaped(v.array(Listed), page, path)) {
      if (successes >= keep) return found;
      const text = `${one.description ?? ''} ${typeof one.payload === 'string' ? one.payload : JSON.stringify(one.payload ?? '')}`;
      found.push({ environment, sha: one.sha, ref: one.ref, text });
      if (await succeeded(api, `${path}/${one.id}/statuses`)) successes += 1;
    }
  }
  return found;
}

/** An older deployment becomes `inactive` when a newer one succeeds; it was a success before. */
async function succeeded(api: GitHubApi, path: string): Promise<boolean> {
  for await (const page of api.pages(path)) {
    if (shaped(v.array(Status), page, path).some(({ state }) => state === 'success' || state === 'inactive'))
      return true;
  }
  return false;
}

function shaped<T extends v.GenericSchema>(schema: T, value: unknown, path: string): v.InferOutput<T> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new PlimsollError(
    'github-protocol',
    `GET ${path}: ${v.getDotPath(result.issues[0]) ?? 'the answer'} is not as documented`,
    {
      hint: 'Nothing was deleted because of it. Check GITHUB_API_URL and what stands between the runner and GitHub.',
    },
  );
}
