import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseFamily } from '@plimsoll/core/metadata/family-file';
import { parsePolicy } from '@plimsoll/core/policy/load';
import { policySchema } from '@plimsoll/core/policy/schema';
import { keysAt } from '@plimsoll/core/policy/schema-keys';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Call, declaredBy, wrongInputs } from '../../../scripts/house/suite-calls.mjs';
import { isActionCommand, readActionFile, SUITE } from './action-file.ts';
import { readArguments } from './arguments.ts';
import { readOwnArguments } from './own-command.ts';
import { OWN_COMMANDS } from './own-commands.ts';

/** Every block of code that the documentation shows, held to what reads it. */
const pages = ['README.md', ...readdirSync(path.join(SUITE, 'docs')).flatMap((file) => pageNamed(file))];
const blocks = pages.flatMap((page) => {
  const text = readFileSync(path.join(SUITE, page), 'utf8');
  return [...text.matchAll(/^```(?<language>sh|yaml)\n(?<code>[\s\S]*?)^```$/gm)].map(({ groups, index }) => ({
    place: `${page}:${text.slice(0, index).split('\n').length + 1}`,
    language: groups?.['language'] ?? '',
    code: groups?.['code'] ?? '',
  }));
});

const POLICY_SECTIONS = keysAt(policySchema, []);
const WORKFLOW_KEYS = ['on', 'jobs', 'permissions', 'steps', 'with', 'uses'];
const INPUTS = new Set(
  ['', '/actions/build', '/actions/scan', '/actions/sign', '/actions/verify', '/actions/promote', '/actions/prune']
    .map((action) => declaredBy(`plimsoll-ci/plimsoll${action}@v1`) ?? {})
    .flatMap((declared) => Object.keys(declared)),
);

function pageNamed(file: string): string[] {
  return file.endsWith('.md') ? [`docs/${file}`] : [];
}

/** Throws when the command line would refuse it. */
function readCommand(command: string, args: readonly string[]): void {
  const own = OWN_COMMANDS[command];
  if (isActionCommand(command)) readArguments(readActionFile(command), args);
  else if (own === undefined) throw new Error(`no command ${command}`);
  else readOwnArguments(command, own, args);
}

describe.each(blocks.filter(({ language }) => language === 'sh'))('the commands at $place', ({ code }) => {
  it('are a script that a shell can read', () => {
    expect(() => execFileSync('bash', ['-n'], { input: code, stdio: 'pipe' })).not.toThrow();
  });

  it('call plimsoll with what it takes', () => {
    const lines = code.replaceAll(/\\\n\s*/g, '').split('\n');
    for (const line of lines.filter((each) => /\bplimsoll [a-z]/.test(each))) {
      const [command = '', ...args] = line.replace(/^.*?\bplimsoll /, '').split(/\s+/);
      expect(() => readCommand(command, args)).not.toThrow();
    }
  });
});

/** A policy, a family of images, steps, a workflow or part of one, or some lines below `with:`. */
function wrongYaml(code: string): readonly string[] {
  const document = parse(code) as Record<string, unknown> | Call[];
  if (Array.isArray(document)) return wrongInputs(document);
  const keys = Object.keys(document);
  if (keys.every((key) => POLICY_SECTIONS.includes(key) && typeof document[key] === 'object')) {
    parsePolicy(code, 'documentation');
    return [];
  }
  if (keys.some((key) => WORKFLOW_KEYS.includes(key))) {
    const jobs = Object.values((document['jobs'] ?? {}) as Record<string, Call>);
    return wrongInputs(jobs.flatMap((job) => [job, ...(job.steps ?? [])]));
  }
  if (keys.every((key) => /^\s+image: /m.test(code) && !INPUTS.has(key))) {
    parseFamily(code, 'documentation');
    return [];
  }
  return keys.filter((key) => !INPUTS.has(key)).map((key) => `no action has an input ${key}`);
}

describe.each(blocks.filter(({ language }) => language === 'yaml'))('the YAML at $place', ({ code }) => {
  it('is a policy or a family, or calls what is there with inputs that it has', () => {
    expect(wrongYaml(code)).toEqual([]);
  });
});
