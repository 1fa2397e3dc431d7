import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parsePolicy } from '@plimsoll/core/policy/load';
import { isFailure } from '@plimsoll/core/runtime/errors';
import { type Diagnosis, problem, well } from './diagnosis.ts';
import type { LocalRepository } from './repository.ts';
import { askedBy, type Permissions, readWorkflows, type WorkflowFile, type WorkflowJob } from './workflow-files.ts';

/** What would stop a run on GitHub, as far as the files of this repository tell. */
export function examine(directory: string, repository: LocalRepository): readonly Diagnosis[] {
  const workflows = readWorkflows(directory);
  const calls = workflows.flatMap((workflow) =>
    Object.entries(workflow.jobs).map(([id, job]) => ({ workflow, id, job })),
  );
  return [
    repositoryCheck(repository),
    policyCheck(directory),
    usedCheck(calls.map(({ job }) => job)),
    ...calls.flatMap((call) => permissionCheck(call, directory)),
  ];
}

function repositoryCheck({ name }: LocalRepository): Diagnosis {
  if (name !== undefined) return well(`The repository is ${name}`);
  return problem(
    'This is no clone of a repository on GitHub',
    'Run "git remote add origin https://github.com/owner/name.git".',
  );
}

function policyCheck(directory: string): Diagnosis {
  const file = '.github/plimsoll.yml';
  if (!existsSync(path.join(directory, file))) {
    return well(`There is no ${file}: the strict defaults hold`);
  }
  try {
    parsePolicy(readFileSync(path.join(directory, file), 'utf8'), file);
    return well(`${file} is a policy; it holds once it is on the default branch`);
  } catch (error) {
    if (!isFailure(error)) throw error;
    return problem(error.message, error.hint);
  }
}

function usedCheck(jobs: readonly WorkflowJob[]): Diagnosis {
  const used = jobs.flatMap(({ uses, steps = [] }) => [uses, ...steps.map((step) => step.uses)]);
  const ok = used.some((uses) => uses?.startsWith('plimsoll-ci/plimsoll') ?? false);
  return ok ? well('A workflow calls Plimsoll') : problem('No workflow calls Plimsoll', 'Run "plimsoll init".');
}

interface Calling {
  readonly workflow: WorkflowFile;
  readonly id: string;
  readonly job: WorkflowJob;
}

/** GitHub refuses to start a run in which a called job asks for one permission more than its caller has. */
function permissionCheck({ workflow, id, job }: Calling, directory: string): readonly Diagnosis[] {
  const asked = askedBy(job.uses ?? '', directory);
  if (asked === undefined) return [];
  const granted = job.permissions ?? workflow.permissions ?? {};
  const missing = Object.entries(asked).filter(([scope, level]) => !grants(granted, scope, level));
  const where = `${workflow.file}: job ${id}`;
  if (missing.length === 0) return [well(`${where} grants what ${job.uses} asks for`)];
  const lines = missing.map(([scope, level]) => `${scope}: ${level}`);
  return [problem(`${where} would not start`, `Add to its "permissions:" ${lines.join(', ')}`)];
}

function grants(granted: Permissions, scope: string, level: string): boolean {
  if (typeof granted === 'string') return granted === 'write-all' || (level === 'read' && scope !== 'id-token');
  return granted[scope] === 'write' || granted[scope] === level;
}
