import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readActionFile } from '@plimsoll/testkit/runner/action-file';
import { describe, expect, it } from 'vitest';
import { root } from './actions.mjs';

const page = readFileSync(path.join(root, 'docs', 'migrate-from-docker-actions.md'), 'utf8');
const rows = [...page.matchAll(/^\| (.+?) \| (.+?) \|$/gm)].map(([, there = '', here = '']) => ({ there, here }));
const names = (text: string) => [...text.matchAll(/`([a-z][a-z-]*)`/g)].map(([, name = '']) => name);

/** The table of build-push-action v7.3.0; `tags` and those that are written otherwise here have a row of their own. */
const BUILD_PUSH =
  'add-hosts allow annotations attests build-args build-contexts builder cache-from cache-to call cgroup-parent context ' +
  'file github-token labels load network no-cache no-cache-filters outputs platforms provenance pull push sbom secret-envs ' +
  'secret-files secrets shm-size ssh tags target ulimit';

describe('the page for those who come from docker', () => {
  it('names every input of build-push-action', () => {
    const named = new Set(rows.flatMap(({ there }) => [...there.matchAll(/`([a-z-]+)[:`]/g)].map(([, name]) => name)));
    expect(BUILD_PUSH.split(' ').filter((name) => !named.has(name))).toEqual([]);
  });

  it.each(['build', 'pipeline'])('says of no input that it is the same where %s has none', (action) => {
    const declared = readActionFile(action).defaults;
    const same = rows.filter(({ there, here }) => /^the same\b/.test(here) && !there.startsWith('output'));
    expect(same.length).toBeGreaterThan(2);
    expect(same.flatMap(({ there }) => names(there)).filter((name) => !(name in declared))).toEqual([]);
  });
});
