import { fallbackTag } from '@plimsoll/testkit/github/image-shapes';
import { sceneWith } from '@plimsoll/testkit/github/prune-scene';
import { writePlan } from '@plimsoll/core/stages/prune/plan-file';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { planSchemaDocument } from './plan-schema.mjs';

const ajv = new Ajv({ strict: false });
addFormats.default(ajv);
const validate = ajv.compile(JSON.parse(planSchemaDocument().content) as object);

async function plan(): Promise<Record<string, unknown>> {
  const at = sceneWith();
  at.shapes.multiPlatform('kept', { tags: ['v1'] });
  const old = at.shapes.multiPlatform('old', { tags: ['dev-1'] });
  at.shapes.image('sig', { tags: [fallbackTag(old.index, '.sig')] });
  at.wait(10);
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'plimsoll-schema-')), 'plan.json');
  await writePlan(file, (await at.plan()).plan);
  return JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
}

describe('schema/prune-plan.schema.json', () => {
  it('holds every plan that is written', async () => {
    const made = await plan();
    expect([validate(made), validate.errors]).toEqual([true, null]);
    expect((made['delete'] as unknown[]).length + (made['keep'] as unknown[]).length).toBe(11);
  });

  it.each([
    ['another version', { version: 2 }],
    ['a digest that is none', { hash: 'sha256:abc' }],
    ['a negative count', { totals: { versions: -1, delete: 0, keep: 0, reclaimableBytes: 0, bytesExact: true } }],
    ['an unknown key', { extra: 1 }],
    ['a version without a digest', { delete: [{ id: 1, tags: [], createdAt: '2026-01-01T00:00:00Z', rule: 'x' }] }],
  ])('refuses %s', async (_what, change) => {
    expect(validate({ ...(await plan()), ...change })).toBe(false);
  });
});
