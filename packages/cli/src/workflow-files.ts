import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { SUITE } from './action-file.ts';

export type Permissions = Readonly<Record<string, string>> | 'read-all' | 'write-all';

export interface WorkflowJob {
  readonly uses?: string;
  readonly permissions?: Permissions;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly steps?: readonly { readonly uses?: string; readonly with?: Readonly<Record<string, unknown>> }[];
}

export interface WorkflowFile {
  /** From the top of the repository. */
  readonly file: string;
  readonly text: string;
  readonly permissions?: Permissions;
  readonly jobs: Readonly<Record<string, WorkflowJob>>;
}

/** The workflows of a repository; those that are no YAML are left to GitHub, which says so itself. */
export function readWorkflows(directory: string): readonly WorkflowFile[] {
  const folder = path.join(directory, '.github', 'workflows');
  return filesIn(folder).flatMap((name) => {
    const read = parseWorkflow(path.join(folder, name));
    return read === undefined ? [] : [{ ...read, file: `.github/workflows/${name}` }];
  });
}

/**
 * What the jobs of a reusable workflow ask for together; the caller's job has to grant all of it. Known of ours, and of those in the
 * repository itself, such as those that `plimsoll init --org-infra` wrote.
 */
export function askedBy(uses: string, directory: string): Readonly<Record<string, string>> | undefined {
  const ours = /^plimsoll-ci\/plimsoll\/\.github\/workflows\/(?<name>[\w.-]+)@/.exec(uses)?.groups?.['name'];
  const own = /^\.\/\.github\/workflows\/(?<name>[\w.-]+)$/.exec(uses)?.groups?.['name'];
  const name = ours ?? own;
  if (name === undefined) return undefined;
  const place = ours === undefined ? directory : SUITE;
  const jobs = Object.values(parseWorkflow(path.join(place, '.github', 'workflows', name))?.jobs ?? {});
  const asked: Record<string, string> = {};
  for (const { permissions } of jobs) {
    if (typeof permissions !== 'object') continue;
    // One job that writes is enough, wherever it stands among those that read.
    for (const [scope, level] of Object.entries(permissions)) if (asked[scope] !== 'write') asked[scope] = level;
  }
  return asked;
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  } catch {
    // No workflows yet.
    return [];
  }
}

function parseWorkflow(file: string): Omit<WorkflowFile, 'file'> | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    const read = parse(text) as Partial<WorkflowFile> | null;
    return read?.jobs === undefined ? undefined : { ...read, text, jobs: read.jobs };
  } catch {
    return undefined;
  }
}
