import { existsSync } from 'node:fs';
import path from 'node:path';
import { variableOf } from '@plimsoll/core/github/inputs';
import type { ActionFile } from './action-file.ts';
import type { LocalRepository } from './repository.ts';
import { isSecretInput, variableFor } from './secret-input.ts';
import { UsageError } from './usage-error.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Files and directories of one run. */
export interface RunFolders {
  readonly workspace: string;
  readonly temp: string;
  readonly output: string;
  readonly event: string;
}

export interface Surroundings {
  readonly action: ActionFile;
  readonly inputs: Readonly<Record<string, string>>;
  readonly repository: LocalRepository;
  readonly folders: RunFolders;
  /** This process's own. */
  readonly env: Variables;
}

/** What the runner sets and a command line must not inherit by accident, above all `GITHUB_ACTIONS`. */
const RUNNERS_OWN = /^(?:GITHUB_|RUNNER_|INPUT_|STATE_|ACTIONS_(?!ID_TOKEN_REQUEST_)|PLIMSOLL_INPUT_|PLIMSOLL_LIVE_)/;
/** Variables that may be given, for another server or a job that calls the command line. */
const KEPT = ['GITHUB_API_URL', 'GITHUB_SERVER_URL', 'GITHUB_RUN_ID', 'GITHUB_ACTOR'];
const POLICY = path.join('.github', 'plimsoll.yml');
const NO_COMMIT = '0'.repeat(40);

/**
 * The environment in which the action finds what the runner would give it.
 * @throws UsageError when the repository cannot be told
 */
export function actionEnvironment(surroundings: Surroundings): Record<string, string> {
  const { env, folders } = surroundings;
  const inherited = Object.entries(env).filter(([name]) => !RUNNERS_OWN.test(name) || KEPT.includes(name));
  const all: Variables = {
    ...Object.fromEntries(inherited),
    ...identity(surroundings),
    GITHUB_OUTPUT: folders.output,
    GITHUB_EVENT_PATH: folders.event,
    GITHUB_WORKSPACE: folders.workspace,
    RUNNER_TEMP: folders.temp,
    PLIMSOLL_POLICY_FILE: policyFile(surroundings),
    ...inputVariables(surroundings),
  };
  return Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

function identity({ repository, inputs, env, action }: Surroundings): Variables {
  const name = env['GITHUB_REPOSITORY'] || repository.name || inputs['source-repository'];
  if (name === undefined || !/^[\w.-]+\/[\w.-]+$/.test(name)) {
    throw new UsageError(
      'Nothing says which repository this is about',
      action.inputs.some((input) => input.name === 'source-repository')
        ? 'Write "--source-repository owner/name", the repository that the image is built from.'
        : 'Run it in a clone of the repository, or set GITHUB_REPOSITORY=owner/name.',
    );
  }
  return {
    GITHUB_REPOSITORY: name,
    GITHUB_SHA: env['GITHUB_SHA'] || repository.commit || NO_COMMIT,
    GITHUB_REF: env['GITHUB_REF'] || repository.ref || 'refs/heads/detached',
    GITHUB_EVENT_NAME: env['GITHUB_EVENT_NAME'] || 'workflow_dispatch',
  };
}

/** A file of this machine, never the network: what is judged here is judged by the policy that lies here. */
function policyFile({ inputs, folders }: Surroundings): string {
  const given = inputs['policy'];
  if (given !== undefined) return path.resolve(folders.workspace, given);
  const usual = path.join(folders.workspace, POLICY);
  return existsSync(usual) ? usual : 'none';
}

function inputVariables({ action, inputs, env, folders }: Surroundings): Variables {
  const token = env['GITHUB_TOKEN'] || env['GH_TOKEN'] || '';
  const contexts: Variables = { 'github.token': token, 'github.workspace': folders.workspace };
  const valueOf = ({ name, default: unset }: ActionFile['inputs'][number]) => {
    if (name === 'policy') return '';
    const secret = isSecretInput(name) ? env[variableFor(name)] : undefined;
    return (
      inputs[name] ?? secret ?? unset.replace(/\$\{\{\s*([\w.]+)\s*\}\}/g, (_all, key: string) => contexts[key] ?? '')
    );
  };
  return Object.fromEntries(action.inputs.map((input) => [variableOf(input.name), valueOf(input)]));
}
