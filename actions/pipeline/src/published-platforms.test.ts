import { silentLog } from '@plimsoll/core/runtime/log';
import { connect, indexOf, manifestOf, store } from '@plimsoll/testkit/registry/fixtures';
import { startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { expect, it } from 'vitest';
import { publishedPlatforms } from './published-platforms.ts';

it('what cannot be read is no reason to fail', async () => {
  await using registry = await startMemoryRegistry();
  const index = indexOf(manifestOf('one'));
  store(registry, [manifestOf('one'), index]);
  registry.onRequest = ({ reference }) => (reference === index.digest ? { status: 403 } : undefined);
  expect(await publishedPlatforms(connect(registry).repository, index.digest, silentLog)).toEqual([]);
});
