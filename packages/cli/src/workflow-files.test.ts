import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SUITE } from './action-file.ts';
import { examine } from './doctor.ts';
import { askedBy } from './workflow-files.ts';

const reusable = readdirSync(path.join(SUITE, '.github/workflows')).filter((name) => name.startsWith('reusable_'));
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'plimsoll-workflows-'));
  mkdirSync(path.join(directory, '.github/workflows'), { recursive: true });
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(name: string, text: string): void {
  writeFileSync(path.join(directory, '.github/workflows', name), text);
}

/** What the doctor says of a caller that grants this. */
function problems(uses: string, permissions: Readonly<Record<string, string>>): readonly string[] {
  write('caller.yml', JSON.stringify({ on: 'push', jobs: { call: { uses, permissions } } }));
  const found = examine(directory, {
    name: 'acme/app',
    ref: 'refs/heads/main',
    commit: undefined,
    committedAt: undefined,
  });
  return found.flatMap(({ state, what, hint }) => (state === 'problem' && what.includes('call') ? [hint ?? ''] : []));
}

describe.each(reusable)('a caller of %s', (name) => {
  const uses = `plimsoll-ci/plimsoll/.github/workflows/${name}@v1`;
  const asked = askedBy(uses, '/nowhere') ?? {};

  it('is well when it grants what is asked for', () => {
    expect(Object.keys(asked)).not.toEqual([]);
    expect(problems(uses, asked)).toEqual([]);
  });

  it.each(Object.entries(asked))('would not start without %s: %s', (scope, level) => {
    const { [scope]: _left, ...rest } = asked;
    expect(problems(uses, rest)).toEqual([expect.stringContaining(`${scope}: ${level}`)]);
  });
});

describe('what a reusable workflow asks for', () => {
  it('is the most that any of its jobs does, in whatever order they stand', () => {
    const jobs = { one: { permissions: { packages: 'write' } }, two: { permissions: { packages: 'read' } } };
    write('own.yml', JSON.stringify({ on: 'workflow_call', jobs }));
    expect(askedBy('./.github/workflows/own.yml', directory)).toEqual({ packages: 'write' });
  });

  it('is not known of a workflow of somebody else', () => {
    expect(askedBy('acme/other/.github/workflows/x.yml@main', directory)).toBeUndefined();
  });
});
