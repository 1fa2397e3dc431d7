import { directRegistry } from '@plimsoll/testkit/promote/direct-http';
import { errorBody, QuickClock } from '@plimsoll/testkit/registry/fixtures';
import { describe, expect, it } from 'vitest';
import type { Http } from '../../runtime/http.ts';
import { noCredentials } from '../auth/credentials.ts';
import { publishedLimits, requestKind } from './published-limits.ts';
import { Registries } from './registries.ts';

/** Answers after all that may be asked at a time has been, and refuses where more than `limit` are. */
function crowded(limit: number) {
  const registry = directRegistry();
  const seen: number[] = [];
  let running = 0;
  const http: Http = {
    request: async (request) => {
      running += 1;
      seen.push(running);
      const refused = running > limit;
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      registry.onRequest = () => (refused ? { status: 429, body: errorBody('TOOMANYREQUESTS') } : undefined);
      const answer = await registry.http.request(request);
      running -= 1;
      return answer;
    },
  };
  return { http, seen };
}

describe('a registry that takes only so many requests at a time', () => {
  it('gets fewer from then on, and all of them through', async () => {
    const { http, seen } = crowded(6);
    const all = new Registries({ credentials: noCredentials, http, clock: new QuickClock() });
    const repository = all.repository({ registry: 'registry.test', repository: 'acme/app' });
    const found = await Promise.all(Array.from({ length: 120 }, (_none, at) => repository.resolve(`v${at}`)));
    expect(found.every((one) => one === undefined)).toBe(true);
    expect(Math.max(...seen.slice(0, 40))).toBe(40);
    expect(Math.max(...seen.slice(-40))).toBeLessThan(20);
  });
});

describe('publishedLimits', () => {
  it('knows the pages of tags of quay.io, and nothing of others', () => {
    expect(publishedLimits('quay.io').tags).toEqual({ perSecond: 5, burst: 2 });
    expect(publishedLimits('registry.test')).toEqual({});
  });

  it.each([
    ['/v2/acme/app/manifests/v1', 'manifests'],
    ['/v2/acme/manifests/blobs/sha256:00', 'blobs'],
    ['/v2/acme/app/blobs/uploads/', 'blobs'],
    ['/v2/acme/app/tags/list', 'tags'],
    ['/v2/acme/app/referrers/sha256:00', 'other'],
    ['/v2/', 'other'],
  ])('counts %s as %s', (path, kind) => {
    expect(requestKind(path)).toBe(kind);
  });
});
