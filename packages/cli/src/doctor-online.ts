import { createGitHubApi, type GitHubApi } from '@plimsoll/core/github/api';
import { systemClock } from '@plimsoll/core/runtime/clock';
import { isFailure } from '@plimsoll/core/runtime/errors';
import { createHttp } from '@plimsoll/core/runtime/http';
import { type Diagnosis, problem, unknown } from './diagnosis.ts';
import { branchCheck, repositoryCheck } from './doctor-repository.ts';
import { actionsCheck, packageCheck, secretsCheck } from './doctor-settings.ts';
import type { LocalRepository } from './repository.ts';
import { readWorkflows, type WorkflowFile } from './workflow-files.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Subject {
  readonly directory: string;
  readonly repository: LocalRepository;
  readonly env: Environment;
}

/** A repository as the API addresses it. */
export interface OnlineRepository {
  readonly api: GitHubApi;
  /** `owner/name`. */
  readonly name: string;
  /** `https://github.com/owner/name`. */
  readonly page: string;
  readonly workflows: readonly WorkflowFile[];
}

/** What the settings of the repository on GitHub, and the token of this machine, say. */
export async function examineOnline({ directory, repository, env }: Subject): Promise<readonly Diagnosis[]> {
  const token = env['GITHUB_TOKEN'] || env['GH_TOKEN'];
  if (repository.name === undefined) return [];
  if (!token) {
    return [
      unknown('The settings on GitHub were not looked at', 'Set GITHUB_TOKEN, such as GITHUB_TOKEN=$(gh auth token).'),
    ];
  }
  const apiUrl = env['GITHUB_API_URL'] || 'https://api.github.com';
  const online: OnlineRepository = {
    api: createGitHubApi({ apiUrl, token, http: createHttp(), clock: systemClock }),
    name: repository.name,
    page: `${env['GITHUB_SERVER_URL'] || 'https://github.com'}/${repository.name}`,
    workflows: readWorkflows(directory),
  };
  return answered(async () => examineAll(online));
}

/** The rest would only repeat that the repository cannot be seen. */
async function examineAll(online: OnlineRepository): Promise<readonly Diagnosis[]> {
  const { diagnosis, facts } = await repositoryCheck(online);
  if (facts === undefined) return [diagnosis];
  const checks = [branchCheck(online, facts), actionsCheck(online), secretsCheck(online), packageCheck(online, facts)];
  return [diagnosis, ...(await Promise.all(checks)).flat()];
}

async function answered(ask: () => Promise<readonly Diagnosis[]>): Promise<readonly Diagnosis[]> {
  try {
    return await ask();
  } catch (error) {
    if (!isFailure(error)) throw error;
    return [problem(error.message, error.hint)];
  }
}
