import { fallbackTag } from '@plimsoll/testkit/github/image-shapes';
import { sceneWith } from '@plimsoll/testkit/github/prune-scene';
import { expect, it } from 'vitest';
import { explain, explanationLines } from './prune-explain.ts';

it('says why a version goes or stays, down from what keeps it', async () => {
  const at = sceneWith();
  const kept = at.shapes.multiPlatform('kept', { tags: ['v1'] });
  const leaf = kept.children[0] ?? '';
  const signature = at.shapes.image('sig', { tags: [fallbackTag(leaf, '.sig')] });
  const old = at.shapes.multiPlatform('old', { tags: ['dev-1'] });
  const bundle = at.shapes.image('bundle', { subject: kept.index });
  at.wait(10);
  const { plan } = await at.plan();
  const why = (reference: string) => explanationLines(reference, explain(plan, reference));
  expect(why('v1')[0]).toBe('v1: kept by the rule rest/all');
  expect(why(signature)).toEqual([
    `${signature}: kept by the rule rest/all, because v1 is kept`,
    '  v1 is kept by a rule',
    `    ${leaf.slice(0, 19)} is part of it`,
    `      ${fallbackTag(leaf, '.sig')} is about it (tag)`,
  ]);
  expect(why(bundle.slice(0, 20)).at(-1)).toContain('is about it (subject)');
  expect(why('dev-1')[0]).toContain('to be deleted by the rule dev/expired');
  expect(why('dev-1')[1]).toContain(old.children[2]?.slice(0, 19));
  for (const unknown of ['nothing', 'sha256:', 'sha256:0']) expect(explain(plan, unknown)).toEqual({ is: 'absent' });
});
