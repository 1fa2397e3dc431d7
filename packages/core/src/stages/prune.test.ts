import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PruneScene } from '@plimsoll/testkit/github/prune-scene';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PRUNE_RECORD, resolveRetention } from '../policy/retention.ts';
import { retentionSection } from '../policy/retention-section.ts';
import { PlimsollError } from '../runtime/errors.ts';
import { prune, type PruneRequest } from './prune.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-prune-'));
});

afterEach(() => rm(folder, { recursive: true }));

function scene(): PruneScene {
  const at = new PruneScene();
  at.retention = { channels: [{ name: 'dev', match: ['dev-*'], keep: { last: 0 } }], guards: { 'max-percent': 60 } };
  at.shapes.multiPlatform('kept', { tags: ['v1'] });
  at.shapes.multiPlatform('old', { tags: ['dev-1'] });
  at.wait(10);
  return at;
}

function run(at: PruneScene, more: Partial<PruneRequest> = {}) {
  const request: PruneRequest = {
    package: 'ghcr.io/acme/app',
    policy: resolveRetention(v.parse(retentionSection, at.retention), 'acme/app'),
    mode: 'apply',
    planFile: path.join(folder, 'plan.json'),
    journalFile: path.join(folder, 'journal.jsonl'),
    ...more,
  };
  return prune(request, { versions: at.planes, manifests: at.planes, clock: at.clock });
}

describe('the first run on a package', () => {
  it('shows the plan, leaves a record, and only the next run deletes', async () => {
    const at = scene();
    const first = await run(at);
    expect([first.firstRun, first.deletions.length, first.applied]).toEqual([true, 5, undefined]);
    expect(JSON.parse(await readFile(first.planFile, 'utf8'))).toMatchObject({ totals: { delete: 5 } });
    expect([at.planes.count('delete'), at.state.tags.has(PRUNE_RECORD)]).toEqual([0, true]);
    const second = await run(at);
    expect([second.firstRun, second.applied?.deleted.length, at.state.count]).toEqual([false, 5, 6]);
    at.retention = { channels: [{ name: 'all', match: ['*'], keep: { last: 0 } }], guards: { 'max-percent': 100 } };
    at.wait(10);
    expect((await run(at)).applied?.deleted).toHaveLength(5);
    expect([...at.state.tags.keys()]).toEqual([PRUNE_RECORD]);
  });

  it('is any plan that somebody gives back, and a plan that deletes nothing needs none', async () => {
    const at = scene();
    const { planFile } = await run(at, { mode: 'plan' });
    expect((await run(at, { given: planFile })).applied?.deleted).toHaveLength(5);
    expect((await run(at)).firstRun).toBe(false);
    expect(at.state.tags.has(PRUNE_RECORD)).toBe(false);
  });

  it('says how to go on with a token that may only delete', async () => {
    const at = scene();
    at.planes.hook = (request) => {
      if (request === 'put') throw new PlimsollError('registry-denied', 'no', { hint: 'x' });
    };
    await expect(run(at)).rejects.toMatchObject({ code: 'registry-denied', hint: expect.stringContaining('plan:') });
    expect(at.planes.count('delete')).toBe(0);
  });
});
