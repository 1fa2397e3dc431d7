import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { root } from './actions.mjs';
import { wrongInputs } from './suite-calls.mjs';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job extends Step {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly steps?: readonly Step[];
  readonly strategy?: { readonly matrix?: unknown };
  readonly outputs?: Readonly<Record<string, string>>;
}
interface Declared {
  readonly type?: string;
  readonly required?: boolean;
  readonly default?: unknown;
  readonly description?: string;
}
interface Workflow {
  readonly on: {
    readonly workflow_call?: { inputs?: Record<string, Declared>; secrets?: Record<string, Declared> };
  };
  readonly permissions?: unknown;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const textOf = (file: string) => readFileSync(path.join(root, file), 'utf8');
const filesOf = (folder: string, name: RegExp) =>
  readdirSync(path.join(root, folder)).flatMap((file) => (name.test(file) ? [`${folder}/${file}`] : []));

const reusable = filesOf('.github/workflows', /^(?:reusable_.*|release-docker)\.yml$/);
const templates = filesOf('templates', /\.yml$/);
const all = [...reusable, ...templates];

const read = (file: string) => parse(textOf(file)) as Workflow;
const jobsOf = (file: string) => Object.values(read(file).jobs);
const stepsOf = (file: string) => jobsOf(file).flatMap((job) => [job, ...(job.steps ?? [])]);

describe.each(all)('%s', (file) => {
  it('asks for nothing at the top, and gives a reason for each permission of a job', () => {
    expect(read(file).permissions).toEqual({});
    const given = textOf(file).match(/^ {6}(?:contents|packages|id-token|security-events|actions|attestations): .*$/gm);
    for (const line of given ?? []) expect(line).toMatch(/: (?:read|write) # \S/);
    for (const job of jobsOf(file)) expect(job.permissions).toBeDefined();
  });

  it('has no script, a limit of time for every job, and one run at a time', () => {
    expect(stepsOf(file).filter(({ run }) => run !== undefined)).toEqual([]);
    for (const job of jobsOf(file)) expect(job.uses ?? job['timeout-minutes']).toBeDefined();
    expect(read(file).concurrency).toBeDefined();
  });

  it('gives each action and workflow of ours inputs that it has, and all that it needs', () => {
    expect(stepsOf(file).some(({ uses = '' }) => uses.startsWith('plimsoll-ci/'))).toBe(true);
    expect(wrongInputs(stepsOf(file))).toEqual([]);
  });
});

describe.each(reusable)('%s', (file) => {
  const call = read(file).on.workflow_call;

  it('accepts no input and no secret that it ignores', () => {
    const jobs = textOf(file).slice(textOf(file).indexOf('\njobs:'));
    for (const name of Object.keys(call?.inputs ?? {})) expect(jobs, name).toMatch(new RegExp(`inputs\\.${name}\\b`));
    for (const name of Object.keys(call?.secrets ?? {})) expect(jobs, name).toMatch(new RegExp(`secrets\\.${name}\\b`));
  });

  it('describes every input and gives it a type, and a default unless it is required', () => {
    for (const [name, input] of Object.entries(call?.inputs ?? {})) {
      expect(input.description, name).toBeTruthy();
      expect(input.type, name).toMatch(/^(?:string|boolean|number)$/);
      expect(input.required === true || input.default !== undefined, name).toBe(true);
    }
  });
});

it('release-docker.yml hands both ways to name the platforms on, so that the action can refuse both at once', () => {
  const [plan] = stepsOf('.github/workflows/release-docker.yml').filter(({ with: given }) => given?.['docker-matrix']);
  expect(plan?.with).toMatchObject({ 'docker-matrix': '${{ inputs.docker-matrix }}' });
  expect(plan?.with?.['platforms']).toMatch(/^\$\{\{ inputs\.platforms \|\|/);
});

it.each(reusable)('%s has an output for each job of a matrix of platforms, whatever they are', (file) => {
  for (const { strategy, outputs } of jobsOf(file)) {
    if (strategy?.matrix === undefined || outputs === undefined) continue;
    const expected = Array.from({ length: 16 }, (_none, n) => expect.stringContaining(`strategy.job-index == ${n} &&`));
    expect(Object.values(outputs)).toEqual(expected);
  }
});

describe('each template', () => {
  it.each(templates)('%s has what GitHub shows of a starter workflow', (file) => {
    const properties = JSON.parse(textOf(file.replace(/\.yml$/, '.properties.json'))) as Record<string, unknown>;
    expect(Object.keys(properties)).toEqual(['name', 'description', 'iconName', 'categories', 'filePatterns']);
  });
});
