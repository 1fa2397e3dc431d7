import { describe, expect, it } from 'vitest';
import { isLarge, parseSigningConfig, servicesFor } from '../../sigstore/signing-config.ts';
import { decideLog } from './transparency.ts';

const token = (visibility: string) =>
  ['', JSON.stringify({ iss: 'x', repository_visibility: visibility }), '']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

describe('auto', () => {
  it.each([
    ['of a public repository', { repository: { private: false, visibility: 'public' } }, undefined, true],
    ['of an older payload', { repository: { private: false } }, undefined, true],
    ['of a private repository', { repository: { private: true } }, undefined, false],
    ['of an internal repository', { repository: { private: true, visibility: 'internal' } }, undefined, false],
    ['that contradicts itself', { repository: { private: true, visibility: 'public' } }, undefined, false],
    ['without a repository, by a public token', {}, token('public'), true],
    ['without a repository, by a private token', {}, token('private'), false],
    ['whose repository is private, whatever the token says', { repository: { private: true } }, token('public'), false],
    ['that tells nothing', {}, undefined, false],
    ['that tells nothing, by a token that tells nothing', {}, token(''), false],
  ])('decides by an event %s', (_name, event, identityToken, log) => {
    expect(decideLog('auto', event, identityToken).log).toBe(log);
  });

  it('is overruled by on and off', () => {
    expect(decideLog('on', { repository: { private: true } }).log).toBe(true);
    expect(decideLog('off', { repository: { visibility: 'public' } }).log).toBe(false);
  });
});

describe('the services of a signature', () => {
  const [caUrls, oidcUrls, rekorTlogUrls, tsaUrls] = ['ca', 'oidc', 'log', 'tsa'].map((url) => [{ url }]);
  const mediaType = 'application/vnd.dev.sigstore.signingconfig.v0.2+json';
  const config = { mediaType, caUrls, oidcUrls, rekorTlogUrls, tsaUrls, rekorTlogConfig: { selector: 'ANY' } };
  const parsed = parseSigningConfig(Buffer.from(JSON.stringify(config)), 'x');

  it('are all of them where it is logged and a workflow signs', () => {
    expect(servicesFor(parsed, { log: true, keyless: true })).toEqual(config);
  });

  it('leave out what must not hear of it', () => {
    const unlogged = servicesFor(parsed, { log: false, keyless: true });
    expect(JSON.parse(JSON.stringify(unlogged))).toEqual({ mediaType, caUrls, oidcUrls, tsaUrls, rekorTlogUrls: [] });
    expect(servicesFor(parsed, { log: true, keyless: false })).toMatchObject({
      caUrls: [],
      oidcUrls: [],
      rekorTlogUrls,
    });
  });

  it('are a log that takes a hash where the statement is large', () => {
    const v2 = { url: 'v2', majorApiVersion: 2 };
    const both = { ...parsed, rekorTlogUrls: [{ url: 'v1', majorApiVersion: 1 }, v2] };
    const large = { log: true, keyless: true, large: true };
    expect(servicesFor(both, large).rekorTlogUrls).toEqual([v2]);
    expect(() => servicesFor(parsed, large)).toThrow(expect.objectContaining({ code: 'log-too-small' }));
    expect(servicesFor(parsed, { ...large, log: false }).rekorTlogUrls).toEqual([]);
    expect([isLarge(1024 * 1024), isLarge(1024 * 1024 + 1)]).toEqual([false, true]);
  });

  it.each(['{}', 'nonsense', ''])('are not read from %j', (text) => {
    expect(() => parseSigningConfig(Buffer.from(text), 'x')).toThrow(expect.objectContaining({ code: 'trust-root' }));
  });
});
