import { nextVersion } from '../metadata/next-version.ts';
import { PlimsollError } from '../runtime/errors.ts';
import type { GitHubApi } from './api.ts';
import type { Inputs } from './inputs.ts';

export const RELEASE_INPUTS = ['release-type', 'prerelease'] as const;

export interface ReleasePorts {
  readonly inputs: Inputs<(typeof RELEASE_INPUTS)[number]>;
  readonly api: () => GitHubApi;
  readonly github: { readonly repository: string };
}

/**
 * The version that a release would have now, by the tags of the repository on GitHub, whatever the checkout has of them.
 *
 * @returns nothing when no `release-type` is asked for
 * @throws PlimsollError `input-*`, `github-*`
 */
export async function releaseVersion({ inputs, api, github }: ReleasePorts): Promise<string | undefined> {
  const type = inputs.choice('release-type', ['none', 'auto', 'major', 'minor', 'patch']);
  const prerelease = inputs.boolean('prerelease');
  if (type === 'none' && prerelease) {
    throw new PlimsollError('input-conflict', '"prerelease" is of a release, and there is no "release-type"', {
      hint: 'Write "release-type: minor" or another one beside it, or leave "prerelease" out.',
    });
  }
  if (type === 'none') return undefined;
  const tags: string[] = [];
  const path = `/repos/${github.repository}/git/matching-refs/tags/v`;
  for await (const page of api().pages<{ readonly ref: string }>(path)) {
    tags.push(...page.map(({ ref }) => ref.replace('refs/tags/', '')));
  }
  return nextVersion(tags, { type, prerelease });
}
