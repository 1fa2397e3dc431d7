import { connect, manifestOf, store } from '@plimsoll/testkit/registry/fixtures';
import { startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { expect, it } from 'vitest';
import { channelHistory } from '../../oci/promotion-history.ts';
import { silentLog } from '../../runtime/log.ts';
import { moveTags, moveTagsTogether } from './move-tags.ts';
import { tagTogether } from './tag-together.ts';

const [one, two] = [manifestOf('one'), manifestOf('two')] as const;
const ports = { note: { by: 'octocat' }, log: silentLog };
const tags = [
  { name: '1.0.0', class: 'immutable' },
  { name: 'prod', class: 'moving' },
] as const;

it('records what a tag moved from before it moves, and nothing of a tag that is new', async () => {
  await using registry = await startMemoryRegistry();
  store(registry, [one, two]);
  const { repository } = connect(registry);
  await moveTags({ repository, digest: one.digest, tags }, ports);
  expect(registry.repository('acme/app').manifests.size).toBe(2);
  await moveTags({ repository, digest: two.digest, tags: tags.slice(1) }, ports);
  const { entries, end } = await channelHistory(connect(registry).repository, 'prod');
  expect(entries).toMatchObject([{ digest: two.digest, found: { record: ports.note } }, { digest: one.digest }]);
  expect(end).toBe('unrecorded');
});

it('moves no tag without its record', async () => {
  await using registry = await startMemoryRegistry();
  store(registry, [one, two]);
  await moveTags({ repository: connect(registry).repository, digest: one.digest, tags }, ports);
  registry.onRequest = ({ method, kind, reference }) =>
    method === 'PUT' && kind === 'manifest' && reference.startsWith('sha256:') ? { status: 403 } : undefined;
  const moving = moveTags({ repository: connect(registry).repository, digest: two.digest, tags: tags.slice(1) }, ports);
  await expect(moving).rejects.toMatchObject({ code: 'registry-denied' });
  expect(registry.repository('acme/app').tags.get('prod')).toBe(one.digest);
});

it('writes nothing but tags where none moves', async () => {
  await using registry = await startMemoryRegistry();
  store(registry, [one]);
  await moveTags({ repository: connect(registry).repository, digest: one.digest, tags }, ports);
  const before = registry.requests.filter(({ method }) => method === 'PUT').length;
  await moveTags({ repository: connect(registry).repository, digest: one.digest, tags }, ports);
  expect(registry.requests.filter(({ method }) => method === 'PUT')).toHaveLength(before);
});

it('lets no tag lead to two images, in whatever order they come', async () => {
  await using registry = await startMemoryRegistry();
  store(registry, [one, two]);
  const images = [one, two].map(({ digest }) => ({ repository: connect(registry).repository, digest, tags }));
  await moveTags({ repository: connect(registry).repository, digest: one.digest, tags: tags.slice(1) }, ports);
  const before = registry.requests.length;
  await expect(moveTagsTogether(images, ports)).rejects.toMatchObject({ code: 'tag-taken' });
  expect(registry.requests.slice(before).filter(({ method }) => method === 'PUT')).toEqual([]);
  expect([...registry.repository('acme/app').tags.keys()]).toEqual(['prod']);
  const planned = images.map(({ repository, digest }) => ({
    repository,
    plan: { digest, moves: [{ name: '2.0.0', class: 'immutable', action: 'create' } as const] },
  }));
  await expect(tagTogether(planned, silentLog)).rejects.toMatchObject({ code: 'tag-taken' });
  expect(registry.repository('acme/app').tags.has('2.0.0')).toBe(false);
});
