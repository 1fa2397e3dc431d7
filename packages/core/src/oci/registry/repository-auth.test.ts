import { blobOf, connect, manifestOf, store, wire } from '@plimsoll/testkit/registry/fixtures';
import { startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { describe, expect, it } from 'vitest';

const failure = (code: string) => expect.objectContaining({ code });

describe('authorization', () => {
  it('asks for one token for reading, and one for writing', async () => {
    await using registry = await startMemoryRegistry({ auth: 'bearer' });
    const { repository } = connect(registry, 'password');
    const blobs = ['a', 'b', 'c'].map(blobOf);
    await Promise.all(blobs.map(({ descriptor, open }) => repository.putBlob(descriptor, open)));
    await repository.tags();
    expect(wire(registry).filter((line) => line === 'GET token')).toHaveLength(1);
    expect(registry.requests.filter(({ kind }) => kind === 'base')).toHaveLength(1);
  });

  it('renews an expired token once', async () => {
    await using registry = await startMemoryRegistry({ auth: 'bearer' });
    store(registry, [manifestOf('one')], 'v1');
    const { repository } = connect(registry, 'password');
    await repository.resolve('v1');
    registry.expireTokens();
    await repository.resolve('v1');
    expect(wire(registry)).toEqual(['GET token', 'HEAD manifest', 'HEAD manifest', 'GET token', 'HEAD manifest']);
  });

  it('renews before the token runs out', async () => {
    await using registry = await startMemoryRegistry({ auth: 'bearer', tokenLife: 100 });
    const { repository, clock } = connect(registry, 'password');
    await repository.resolve('v1');
    await clock.sleep(90_000);
    await repository.resolve('v1');
    expect(wire(registry)).toEqual(['GET token', 'HEAD manifest', 'GET token', 'HEAD manifest']);
  });

  it.each(['basic', 'bearer'] as const)('works with %s', async (auth) => {
    await using registry = await startMemoryRegistry({ auth });
    store(registry, [manifestOf('one')], 'v1');
    expect(await connect(registry, 'password').repository.resolve('v1')).toBeDefined();
    await expect(connect(registry, 'wrong').repository.resolve('v1')).rejects.toEqual(failure('registry-unauthorized'));
    await expect(connect(registry).repository.resolve('v1')).rejects.toEqual(failure('registry-unauthorized'));
  });

  it('reads anonymously where that is allowed', async () => {
    await using registry = await startMemoryRegistry({ auth: 'bearer', anonymousPull: true });
    store(registry, [manifestOf('one')], 'v1');
    const { repository } = connect(registry);
    expect(await repository.resolve('v1')).toBeDefined();
    await expect(repository.canPush()).rejects.toEqual(failure('registry-unauthorized'));
  });

  it('probes for writing and leaves nothing', async () => {
    await using registry = await startMemoryRegistry({ auth: 'bearer' });
    await connect(registry, 'password').repository.canPush();
    expect(wire(registry)).toEqual(['GET token', 'POST upload', 'DELETE upload']);
  });

  it('never puts a secret in an error', async () => {
    await using registry = await startMemoryRegistry({ auth: 'bearer' });
    registry.onRequest = ({ kind }) => (kind === 'token' ? { status: 403, body: 'denied' } : undefined);
    const problem = await connect(registry, 'hunter2')
      .repository.resolve('v1')
      .catch((thrown: unknown) => thrown);
    expect(problem).toEqual(failure('registry-denied'));
    expect(JSON.stringify(problem, Object.getOwnPropertyNames(problem))).not.toMatch(/hunter2|scope=|aHVudGVy/);
  });
});
