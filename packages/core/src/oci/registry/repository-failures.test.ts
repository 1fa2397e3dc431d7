import { connect, errorBody, manifestOf, store, wire } from '@plimsoll/testkit/registry/fixtures';
import { startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { describe, expect, it } from 'vitest';
import { noCredentials } from '../auth/credentials.ts';
import { Registries } from './registries.ts';

const failure = (code: string) => expect.objectContaining({ code });

describe('failures', () => {
  it.each<[number, string, number]>([
    [400, 'registry-rejected', 1],
    [401, 'registry-unauthorized', 1],
    [403, 'registry-denied', 1],
    [405, 'registry-rejected', 1],
    [409, 'tag-immutable', 1],
    [422, 'registry-rejected', 1],
    [429, 'registry-rate-limited', 6],
    [500, 'registry-unavailable', 6],
    [503, 'registry-unavailable', 6],
  ])('%i is %s after %i requests', async (status, code, requests) => {
    await using registry = await startMemoryRegistry();
    registry.onRequest = ({ kind }) => (kind === 'manifest' ? { status, body: errorBody('X') } : undefined);
    await expect(connect(registry).repository.manifest('v1')).rejects.toEqual(failure(code));
    expect(wire(registry)).toHaveLength(requests);
  });

  it('a rate limit that is told as 403 is a rate limit', async () => {
    await using registry = await startMemoryRegistry();
    const body = 'You have exceeded a secondary rate limit';
    registry.onRequest = ({ kind }) => (kind === 'manifest' ? { status: 403, body } : undefined);
    await expect(connect(registry).repository.manifest('v1')).rejects.toEqual(failure('registry-rate-limited'));
  });

  it.each<[string, Record<string, string>, string, number]>([
    ['seconds', { 'retry-after': '7' }, '', 7000],
    ['a date', { 'retry-after': 'Sat, 21 Nov 2026 00:00:09 GMT' }, '', 9000],
    ['a Go duration', { 'retry-after': '1m1.5s' }, '', 61_500],
    ['words in the body', {}, errorBody('TOOMANYREQUESTS', 'retry-after: 3.5s, allowed: 2000/minute'), 3500],
  ])('429 with %s waits that long', async (_what, headers, body, wait) => {
    await using registry = await startMemoryRegistry();
    store(registry, [manifestOf('one')], 'v1');
    let first = true;
    registry.onRequest = ({ kind }) => {
      if (kind !== 'manifest' || !first) return undefined;
      first = false;
      return { status: 429, headers, body };
    };
    const { repository, clock } = connect(registry);
    await repository.manifest('v1');
    expect(clock.waits.reduce((sum, one) => sum + one, 0)).toBe(wait);
  });

  it('does not wait for hours', async () => {
    await using registry = await startMemoryRegistry();
    registry.onRequest = ({ kind }) =>
      kind === 'manifest' ? { status: 429, headers: { 'retry-after': '7200' } } : undefined;
    await expect(connect(registry).repository.manifest('v1')).rejects.toEqual(failure('registry-rate-limited'));
    expect(wire(registry)).toHaveLength(1);
  });

  it.each([
    ['base', 'base'],
    ['manifest', 'manifest'],
    ['tags', 'tags'],
  ])('an HTML page with 200 for %s is no answer', async (_what, kind) => {
    await using registry = await startMemoryRegistry();
    registry.onRequest = (request) =>
      request.kind === kind ? { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' } : undefined;
    // Without credentials the base is not asked.
    const { repository } = connect(registry, kind === 'base' ? 'password' : undefined);
    const asked = kind === 'tags' ? repository.tags() : repository.manifest('v1');
    await expect(asked).rejects.toEqual(failure('registry-protocol'));
  });

  it('a connection that keeps breaking is unreachable', async () => {
    await using registry = await startMemoryRegistry();
    registry.onRequest = ({ kind }) => (kind === 'manifest' ? 'reset' : undefined);
    await expect(connect(registry).repository.manifest('v1')).rejects.toEqual(failure('registry-unreachable'));
  });

  it('a registry that is down is unreachable', async () => {
    await using registry = await startMemoryRegistry();
    const { repository } = connect(registry);
    await registry.stop();
    await expect(repository.resolve('v1')).rejects.toEqual(failure('registry-unreachable'));
  });

  it('names the request without its query, and caps what the registry says', async () => {
    await using registry = await startMemoryRegistry();
    registry.onRequest = ({ kind }) => (kind === 'tags' ? { status: 400, body: `a\nb${'x'.repeat(5000)}` } : undefined);
    const problem = await connect(registry)
      .repository.tags()
      .catch((thrown: unknown) => thrown as Error);
    expect(problem).toEqual(failure('registry-rejected'));
    const { message } = problem as Error;
    expect(message).toContain(`GET ${registry.host}/v2/acme/app/tags/list answered 400: a b`);
    expect(message.length).toBeLessThan(500);
  });

  it('an aborted run is cancelled, not retried', async () => {
    await using registry = await startMemoryRegistry();
    const controller = new AbortController();
    registry.onRequest = () => {
      controller.abort();
      return undefined;
    };
    const all = new Registries({ credentials: noCredentials, signal: controller.signal });
    const repository = all.repository({ registry: registry.host, repository: 'acme/app' });
    await expect(repository.resolve('v1')).rejects.toEqual(failure('cancelled'));
  });
});
