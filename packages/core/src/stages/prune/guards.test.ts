import { sceneWith } from '@plimsoll/testkit/github/prune-scene';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { resolveRetention } from '../../policy/retention.ts';
import { retentionSection } from '../../policy/retention-section.ts';
import { guardFailure } from './guards.ts';

/** What the guards say of the plan over four images with the tags `dev-0` to `dev-3`, 30 days old. */
async function verdict(keep: object, guards: object): Promise<string | undefined> {
  const retention = { channels: [{ name: 'dev', match: ['dev-*'], keep }], guards };
  const at = sceneWith(retention);
  for (let number = 0; number < 4; number += 1) at.shapes.image(`${number}`, { tags: [`dev-${number}`] });
  at.shapes.image('kept', { tags: ['v1'] });
  at.wait(30);
  const planned = await at.plan();
  const input = { ...planned, deletions: planned.plan.delete, versions: planned.inventory.versions };
  const failure = guardFailure(input, resolveRetention(v.parse(retentionSection, retention), 'acme/app'));
  expect([undefined, 'prune-guard']).toContain(failure?.code);
  return /(max-\w+|min-\w+): \d+/.exec(failure?.hint ?? '')?.[0];
}

it.each([
  [{ last: 1 }, { 'max-deletes': 3, 'max-percent': 60 }, undefined],
  [{ last: 1 }, { 'max-deletes': 2, 'max-percent': 60 }, 'max-deletes: 3'],
  [{ last: 1 }, { 'max-percent': 59 }, 'max-percent: 60'],
  [{ last: 0 }, { 'max-percent': 100 }, undefined],
  [{ last: 0 }, { 'max-percent': 100, 'min-survivors': 9 }, undefined],
  [{ 'younger-than': '3d' }, { 'max-percent': 100 }, 'min-survivors: 0'],
  [{ 'younger-than': '3d' }, { 'max-percent': 100, 'min-survivors': 0 }, undefined],
  [{ last: 2 }, { 'max-percent': 100, 'min-survivors': 3 }, 'min-survivors: 2'],
  [{ last: 2 }, { 'max-percent': 100, 'min-survivors': 2 }, undefined],
  [{ last: 4 }, { 'max-percent': 100, 'min-survivors': 9 }, undefined],
])('with keep %j and guards %j asks for %s', async (keep, guards, expected) => {
  expect(await verdict(keep, guards)).toBe(expected);
});
