import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { PromotionBed } from '@plimsoll/testkit/faults/promotion-bed';
import { runAction } from '@plimsoll/testkit/runner/run-action';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let bed: PromotionBed;

beforeAll(async () => {
  bed = await PromotionBed.start();
});
afterAll(() => bed.close());

/** Promotes from a checkout that says 1.0.0 everywhere but where `files` says otherwise. */
function promoteFrom(name: string, files: Readonly<Record<string, string>>, more: Readonly<Record<string, string>>) {
  const { world } = bed.bed;
  const cwd = world.lifetime.folder(`checkout-${name.replace('/', '-')}`);
  const all = { 'Chart.yaml': 'name: app\nappVersion: "1.0.0"\n', 'package.json': '{ "version": "1.0.0" }', ...files };
  for (const [file, text] of Object.entries(all)) writeFileSync(path.join(cwd, file), text);
  const env = { GITHUB_WORKSPACE: cwd };
  return runAction({ action: 'promote', world, cwd, env, inputs: { ...bed.inputs(name), ...more } });
}

describe('the version that is released', () => {
  const places = 'Chart.yaml#appVersion, package.json#version';

  it('is what the files say', async () => {
    const step = await promoteFrom('acme/said', {}, { 'expect-version': places });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(bed.quay.tagWrites('acme/said')).toEqual(['1.0.0', 'latest']);
  });

  it('stops before anything is asked of a registry where a file says another', async () => {
    const files = { 'Chart.yaml': 'name: app\n\nappVersion: "0.9.0"\n' };
    const step = await promoteFrom('acme/unsaid', files, { 'expect-version': places, tags: 'v1.0.0' });
    expect(codeOf(step), step.log).toBe('version-mismatch');
    const [error] = step.annotations.filter(({ level }) => level === 'error');
    expect([error?.file, error?.line]).toEqual(['Chart.yaml', 3]);
    expect(bed.quay.requests('acme/unsaid')).toEqual([]);
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['in a file that is not there', { 'expect-version': 'charts/Chart.yaml#version' }, 'file-unreadable'],
    ['outside of the checkout', { 'expect-version': '../Chart.yaml#version' }, 'input-invalid'],
    ['without a key', { 'expect-version': 'Chart.yaml' }, 'input-invalid'],
    ['at a key that is not there', { 'expect-version': 'Chart.yaml#version' }, 'version-mismatch'],
    ['where none is released', { 'expect-version': places, tags: 'stable' }, 'input-conflict'],
  ])('%s is an error', async (what, more, code) => {
    expect(codeOf(await promoteFrom(`acme/wrong-${what.length}`, {}, more))).toBe(code);
  });
});
