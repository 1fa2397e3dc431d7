import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { PromotionBed } from '@plimsoll/testkit/faults/promotion-bed';
import type { ActionRun } from '@plimsoll/testkit/runner/run-action';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let bed: PromotionBed;

beforeAll(async () => {
  bed = await PromotionBed.start();
});
afterAll(() => bed.close());

const warnings = ({ annotations }: ActionRun) =>
  annotations.filter(({ level }) => level === 'warning').map(({ message }) => message);

describe('a pull without a login', () => {
  it('works where everybody may pull', async () => {
    const step = await bed.promote('acme/open', { 'pull-check': 'true' });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(step.summary).toContain('Pulled without a login');
  });

  it('that does not work fails the step, with everything in place', async () => {
    bed.bed.world.quay.privateRepositories.add('acme/closed');
    const step = await bed.promote('acme/closed', { 'pull-check': 'true' });
    expect(codeOf(step), step.log).toBe('pull-denied');
    expect(step.outputs['tags']).toBe('1.0.0\nlatest');
    expect(bed.leaks(step)).toEqual([]);
  });

  it('is not tried on a dry run', async () => {
    bed.bed.world.quay.privateRepositories.add('acme/dry');
    expect(codeOf(await bed.promote('acme/dry', { 'pull-check': 'true', 'dry-run': 'true' }))).toBeUndefined();
  });
});

describe('visibility', () => {
  it('is set at Quay with a token, and the image can be pulled', async () => {
    const { quay } = bed.bed.world;
    quay.privateRepositories.add('acme/set');
    const more = { visibility: 'public', 'quay-token': quay.api.token, 'pull-check': 'true' };
    const step = await bed.promote('acme/set', more);
    expect(codeOf(step), step.log).toBeUndefined();
    expect(quay.privateRepositories.has('acme/set')).toBe(false);
    expect(bed.leaks(step, quay.api.token)).toEqual([]);
  });

  it('that the token may not set is a warning that says where to', async () => {
    const { quay } = bed.bed.world;
    quay.privateRepositories.add('acme/unset');
    const step = await bed.promote('acme/unset', { visibility: 'public', 'quay-token': quay.api.readToken });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(warnings(step).join()).toContain('/repository/acme/unset?tab=settings');
    expect(quay.privateRepositories.has('acme/unset')).toBe(true);
  });

  it.each([
    ['private', true, 0],
    ['public', true, 1],
    ['public', false, 0],
    ['private', false, 1],
  ] as const)(
    '%s is looked at from outside without one, where it is private: %s',
    async (visibility, isPrivate, count) => {
      const name = `acme/seen-${visibility}-${isPrivate}`;
      if (isPrivate) bed.bed.world.quay.privateRepositories.add(name);
      const step = await bed.promote(name, { visibility });
      expect(codeOf(step), step.log).toBeUndefined();
      expect(warnings(step)).toHaveLength(count);
    },
  );

  it.each([
    ['public', 0],
    ['private', 1],
  ])('at GHCR is what its API says: %s', async (is, count) => {
    const { github, ghcr } = bed.bed.world;
    github.intercept = ({ path }) => {
      if (path === '/users/acme') return { status: 200, body: { login: 'acme', type: 'Organization' } };
      return path.startsWith('/orgs/acme/packages/container/gh')
        ? { status: 200, body: { visibility: is } }
        : undefined;
    };
    const destination = `${ghcr.host}/acme/gh-${is}`;
    const step = await bed.promote('', { destination, visibility: 'public', 'dest-username': '', 'dest-password': '' });
    github.intercept = undefined;
    expect(codeOf(step), step.log).toBeUndefined();
    expect(warnings(step)).toHaveLength(count);
    const named = warnings(step).filter((text) => text.includes(`/orgs/acme/packages/container/gh-${is}/settings`));
    expect(named).toHaveLength(count);
  });

  it('does not send a token of Quay to two registries', async () => {
    const destinations = `${bed.bed.world.quay.host}/acme/one\nregistry.example/acme/two`;
    const more = { destination: '', destinations, visibility: 'public', 'quay-token': 'a-token-of-quay' };
    const step = await bed.promote('', { ...more, 'dest-username': '', 'dest-password': '' });
    expect(codeOf(step), step.log).toBe('input-conflict');
  });
});
