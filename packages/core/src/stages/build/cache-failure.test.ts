import { expect, it } from 'vitest';
import type { ErrorCode } from '../../runtime/error-codes.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { isCacheFailure } from './cache-failure.ts';

const failed = (message: string, code: ErrorCode = 'registry-rate-limited') =>
  new PlimsollError(code, message, { hint: '' });
/** As BuildKit 0.33 says it of a layer that it fetches when it needs it. */
const layerOf = (address: string) =>
  failed(
    `failed to copy: httpReadSeeker: failed open: unexpected status from GET request to ${address}: 429 Too Many Requests`,
  );
const BLOB = `blobs/sha256:${'a'.repeat(64)}`;
const GHA = 'https://results.example/actions-cache/x?sig=y';

it.each<readonly [string, readonly string[]]>([
  [
    `http://127.0.0.1:5000/v2/acme/app-cache/${BLOB}`,
    ['type=registry,ref=127.0.0.1:5000/acme/app-cache:main,mode=max'],
  ],
  [`https://registry-1.docker.io/v2/user/app/${BLOB}`, ['user/other:1,user/app:cache']],
  [`https://ghcr.io/v2/acme/app/manifests/x`, ['type=gha', 'type=registry,ref=ghcr.io/acme/app:cache']],
  [GHA, ['type=gha,scope=main']],
])('a layer of %s is one of the caches %j', (address, caches) => {
  expect(isCacheFailure(layerOf(address), caches)).toBe(true);
});

it.each<readonly [string, readonly string[]]>([
  [`https://registry-1.docker.io/v2/library/alpine/${BLOB}`, ['type=gha', 'type=registry,ref=ghcr.io/acme/app:cache']],
  [`https://ghcr.io/v2/acme/app/${BLOB}`, ['type=registry,ref=ghcr.io/acme/app-cache:main', 'type=registry,ref=A:b']],
  [GHA, ['type=registry,ref=ghcr.io/acme/app:cache']],
])('a layer of %s is none of the caches %j', (address, caches) => {
  expect(isCacheFailure(layerOf(address), caches)).toBe(false);
});

it('tells a cache that cannot be set up from all other failures', () => {
  expect(isCacheFailure(failed('x: failed to configure azblob cache exporter: 429 Too Many Requests'), [])).toBe(true);
  expect(isCacheFailure(failed('failed to configure gha cache importer: no', 'build-failed'), [])).toBe(true);
  expect(isCacheFailure(failed('failed to configure gha cache importer: no', 'cancelled'), [])).toBe(false);
  expect(isCacheFailure(failed('exit code: 1', 'build-failed'), ['type=gha'])).toBe(false);
  expect(isCacheFailure(new Error('failed to configure gha cache importer'), ['type=gha'])).toBe(false);
});
