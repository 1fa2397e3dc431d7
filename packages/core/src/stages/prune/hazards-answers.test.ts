import { fallbackTag } from '@plimsoll/testkit/github/image-shapes';
import { sceneWith } from '@plimsoll/testkit/github/prune-scene';
import { describe, expect, it } from 'vitest';
import { PlimsollError } from '../../runtime/errors.ts';

describe('answers that are not what they seem', () => {
  it('H12 leaves out what somebody deleted while the plan was made', async () => {
    const at = sceneWith();
    const { index } = at.shapes.multiPlatform('a', { tags: ['v1.0.0'] });
    const vanishing = at.shapes.image('vanishing', { tags: ['v2.0.0'] });
    const orphan = at.shapes.image('orphan');
    at.wait(10);
    at.planes.hook = (request, argument) => {
      if (request === 'manifest' && argument === vanishing) at.state.delete(at.state.live(vanishing)?.id ?? 0);
    };
    const { plan } = await at.plan();
    expect(plan.delete.map((item) => item.digest)).toEqual([orphan]);
    expect([...plan.keep].some((item) => item.digest === vanishing)).toBe(false);
    expect(at.whole(index)).toBe(true);
  });

  it('H12 never reads a missing manifest of a listed version as "no children"', async () => {
    const at = sceneWith();
    const { index } = at.shapes.multiPlatform('a', { tags: ['v1.0.0'] });
    at.shapes.image('orphan');
    at.wait(10);
    at.planes.hook = (request, argument) => {
      if (request === 'manifest' && argument === index)
        throw new PlimsollError('registry-not-found', 'gone', { hint: 'x' });
    };
    await expect(at.plan()).rejects.toMatchObject({ code: 'inventory-incomplete' });
  });

  it('H12 deletes nothing when what may go cannot be read: it may be about something kept, and need the rest', async () => {
    const at = sceneWith();
    const { index } = at.shapes.multiPlatform('a', { tags: ['v1.0.0'] });
    const part = at.shapes.image('part');
    const evidence = at.shapes.index([part], { subject: index });
    at.wait(10);
    at.planes.hook = (request, argument) => {
      if (request === 'manifest' && argument === evidence)
        throw new PlimsollError('registry-not-found', 'gone', { hint: 'x' });
    };
    await expect(at.prune()).rejects.toMatchObject({ code: 'inventory-incomplete' });
    expect([at.planes.count('delete'), at.whole(index, evidence)]).toEqual([0, true]);
  });

  it('H12 stops at a registry that cannot answer', async () => {
    const at = sceneWith();
    at.shapes.multiPlatform('a', { tags: ['v1.0.0'] });
    at.shapes.image('orphan');
    at.wait(10);
    at.planes.hook = (request) => {
      if (request === 'manifest') throw new PlimsollError('registry-unavailable', '502', { hint: 'x' });
    };
    await expect(at.plan()).rejects.toMatchObject({ code: 'registry-unavailable' });
    expect(at.planes.count('delete')).toBe(0);
  });

  it('H16 reports the last tagged version and goes on', async () => {
    const at = sceneWith();
    const { index, children } = at.shapes.multiPlatform('a', { tags: ['dev-1'] });
    const orphan = at.shapes.image('orphan');
    at.wait(10);
    const { refused, spared, deleted, failure } = await at.prune();
    expect(failure).toBeUndefined();
    expect(refused.map(({ item }) => item.digest)).toEqual([index]);
    expect(spared.map(({ item }) => item.digest).toSorted()).toEqual(children.toSorted());
    expect(deleted.map((item) => item.digest)).toEqual([orphan]);
    expect(at.whole(index)).toBe(true);
  });

  it('H17 keeps the parts and the evidence of what has too many downloads to be deleted', async () => {
    const at = sceneWith();
    at.state.visibility = 'public';
    at.shapes.image('kept', { tags: ['v1'] });
    const popular = at.shapes.multiPlatform('popular', { tags: ['dev-1'] });
    const signature = at.shapes.image('sig', { tags: [fallbackTag(popular.index, '.sig')] });
    const other = at.shapes.multiPlatform('other', { tags: ['dev-2'] });
    at.wait(10);
    const version = at.state.live(popular.index);
    if (version) version.downloads = 9_000;
    const { refused, failure } = await at.prune();
    expect([failure, refused.length]).toEqual([undefined, 1]);
    expect(at.whole(popular.index) && at.alive(signature)).toBe(true);
    expect([other.index, ...other.children].some((digest) => at.alive(digest))).toBe(false);
  });

  it('H34 does not take a failing page for the end of the list', async () => {
    const at = sceneWith();
    at.planes.pageSize = 3;
    for (let number = 0; number < 10; number += 1) at.shapes.image(`${number}`);
    at.wait(10);
    at.planes.hook = (request, argument) => {
      if (request === 'page' && argument === 'active 3')
        throw new PlimsollError('github-unreachable', '500', { hint: 'x' });
    };
    await expect(at.plan()).rejects.toMatchObject({ code: 'github-unreachable' });
  });
});
