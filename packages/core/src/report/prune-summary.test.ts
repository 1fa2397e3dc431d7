import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PruneScene } from '@plimsoll/testkit/github/prune-scene';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { resolveRetention } from '../policy/retention.ts';
import { retentionSection } from '../policy/retention-section.ts';
import { prune, type PruneResult } from '../stages/prune.ts';
import { pruneSummary } from './prune-summary.ts';

async function result(at: PruneScene, mode: 'plan' | 'apply'): Promise<PruneResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-prune-'));
  if (mode === 'apply') at.shapes.record();
  const policy = resolveRetention(v.parse(retentionSection, at.retention), 'acme/app');
  const request = {
    package: 'ghcr.io/acme/app',
    policy,
    mode,
    planFile: path.join(folder, 'plan.json'),
    journalFile: path.join(folder, 'journal.jsonl'),
  };
  const done = await prune(request, { versions: at.planes, manifests: at.planes, clock: at.clock });
  await rm(folder, { recursive: true });
  return done;
}

function scene(images: number): PruneScene {
  const at = new PruneScene();
  at.retention = {
    channels: [{ name: 'dev', match: ['dev-*'], keep: { last: 0 } }],
    protect: { tags: ['customer-*'] },
  };
  at.shapes.multiPlatform('kept', { tags: ['v1'] });
  for (let number = 0; number < images; number += 1) at.shapes.multiPlatform(`${number}`, { tags: [`dev-${number}`] });
  at.wait(10);
  return at;
}

it('shows totals, rules and the first versions, and folds the rest', async () => {
  const text = pruneSummary(await result(scene(40), 'plan'), { policy: '.github/plimsoll.yml' });
  expect(text).toContain('Prune plan, over the guards');
  expect(text).toMatch(/\| 205 \| 200 \| 5 \| .*B \|/);
  expect(text).toMatch(/`dev\/expired` \| 40 \| – \| – \|/);
  expect(text).toContain('<summary>10 more</summary>');
  expect(text).toMatch(/\| `dev-0` \| 10 d \| `dev\/expired` \| 4 \| [\d.]+ kB \|/);
  expect(text).toContain('matches no tag');
});

it('says what was done, and what GitHub kept', async () => {
  const at = scene(0);
  for (let number = 0; number < 9; number += 1) at.shapes.image(`kept ${number}`, { tags: [`v1.${number}`] });
  const digest = at.shapes.image('popular', { tags: ['dev-9'] });
  at.state.visibility = 'public';
  at.wait(10);
  Object.assign(at.state.live(digest) ?? {}, { downloads: 9_000 });
  const text = pruneSummary(await result(at, 'apply'), { policy: 'the defaults' });
  expect(text).toContain('Pruned');
  expect(text).toMatch(/Refused by the registry \(1\)[^]*`dev-9`[^]*5000 downloads/);
});

it('stays small for a large plan', async () => {
  const at = scene(400);
  expect(Buffer.byteLength(pruneSummary(await result(at, 'plan'), { policy: 'x' }))).toBeLessThan(40_000);
});
