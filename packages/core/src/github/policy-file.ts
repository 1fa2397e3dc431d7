import { readFile } from 'node:fs/promises';
import type { Digest } from '../oci/digest.ts';
import { defaultPolicy, defaultPolicyDigest, policyDigest } from '../policy/defaults.ts';
import { parsePolicy } from '../policy/load.ts';
import type { Policy } from '../policy/schema.ts';
import { PlimsollError } from '../runtime/errors.ts';
import type { GitHubApi } from './api.ts';
import { label, readPolicyFile } from './contents.ts';
import type { GitHubContext } from './context.ts';
import type { Environment } from './host.ts';

/** The policy in force, and where it came from. */
export interface LoadedPolicy {
  readonly policy: Policy;
  /** Over the file's bytes, or over the defaults. */
  readonly digest: Digest;
  /** `acme/app/.github/plimsoll.yml@main`, or `the defaults`. */
  readonly label: string;
  readonly isDefault: boolean;
}

export const POLICY_PATH = '.github/plimsoll.yml';

export interface PolicyFileRequest {
  /** The `policy` input. */
  readonly path: string | undefined;
  /** The `policy-ref` input; the default branch when absent. */
  readonly ref: string | undefined;
}

/**
 * Loads the policy from the default branch, so that neither a pull request nor a pushed tag loosens its own gate.
 * Only the usual path at the usual place may be absent: a file that somebody named has to be there.
 * @throws PlimsollError `policy-invalid`, `policy-unreadable`, `input-invalid`, `github-*`
 */
export async function loadPolicyFile(
  { path = POLICY_PATH, ref }: PolicyFileRequest,
  { api, github }: { readonly api: GitHubApi; readonly github: GitHubContext },
): Promise<LoadedPolicy> {
  if (path.startsWith('/') || path.split('/').includes('..'))
    throw unusable(`"${path}" is not a path in the repository`);
  const address = { repository: github.repository, path, ref: ref ?? (await defaultBranch(api, github)) };
  const answer = await readPolicyFile(api, address);
  if (answer.found) {
    const policy = parsePolicy(answer.bytes.toString('utf8'), path);
    return { policy, digest: policyDigest(answer.bytes), label: label(address), isDefault: false };
  }
  if (path !== POLICY_PATH || ref !== undefined) throw unusable(`${label(address)} does not exist`);
  return defaults();
}

/**
 * The policy of a command line: a file of that machine, or `none` for the defaults. The variable is not heard inside
 * Actions, where an earlier step could set it and so loosen the gate.
 * @throws PlimsollError `policy-invalid`, `policy-unreadable`
 */
export async function loadLocalPolicy(env: Environment): Promise<LoadedPolicy | undefined> {
  const file = env['PLIMSOLL_POLICY_FILE'];
  if (!file || env['GITHUB_ACTIONS'] === 'true') return undefined;
  if (file === 'none') return defaults();
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new PlimsollError('policy-unreadable', `The policy file ${file} cannot be read`, {
      hint: 'Check the path given as "--policy".',
      cause,
    });
  });
  return {
    policy: parsePolicy(bytes.toString('utf8'), file),
    digest: policyDigest(bytes),
    label: file,
    isDefault: false,
  };
}

function defaults(): LoadedPolicy {
  return { policy: defaultPolicy, digest: defaultPolicyDigest(), label: 'the defaults', isDefault: true };
}

async function defaultBranch(api: GitHubApi, github: GitHubContext): Promise<string> {
  if (github.defaultBranch !== undefined) return github.defaultBranch;
  const { default_branch } = await api.get<{ default_branch?: unknown }>(`/repos/${github.repository}`);
  if (typeof default_branch === 'string' && default_branch !== '') return default_branch;
  throw new PlimsollError('github-protocol', `The API names no default branch of ${github.repository}`, {
    hint: 'Check GITHUB_API_URL, or name a branch in the input "policy-ref".',
  });
}

function unusable(message: string): PlimsollError {
  return new PlimsollError('input-invalid', `The input "policy": ${message}`, {
    hint: `Commit the file to that branch, or leave the input out to use ${POLICY_PATH} of the default branch.`,
  });
}
