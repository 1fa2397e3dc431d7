import { describe, expect, it } from 'vitest';
import {
  formatReference,
  parseDigestReference,
  parseReference,
  parseRepositoryName,
  repositoryLabel,
} from './reference.ts';

const HEX = 'a'.repeat(64);
const DIGEST = `sha256:${HEX}`;

describe('parseReference', () => {
  it.each([
    ['alpine', 'docker.io/library/alpine'],
    ['alpine:3.22', 'docker.io/library/alpine:3.22'],
    ['acme/app', 'docker.io/acme/app'],
    ['index.docker.io/alpine', 'docker.io/library/alpine'],
    ['ghcr.io/acme/app', 'ghcr.io/acme/app'],
    ['GHCR.io/acme/app', 'ghcr.io/acme/app'],
    ['ghcr.io/Acme/My-App:V1', 'ghcr.io/acme/my-app:V1'],
    ['Acme/app', 'docker.io/acme/app'],
    ['localhost/app', 'localhost/app'],
    ['localhost:5000/x', 'localhost:5000/x'],
    ['localhost:5000/x:v1', 'localhost:5000/x:v1'],
    ['127.0.0.1:5000/a/b/c:1.2.3-rc.1', '127.0.0.1:5000/a/b/c:1.2.3-rc.1'],
    ['[::1]:5000/app:v1', '[::1]:5000/app:v1'],
    [`ghcr.io/acme/app@${DIGEST}`, `ghcr.io/acme/app@${DIGEST}`],
    [`ghcr.io/acme/app:v1@${DIGEST}`, `ghcr.io/acme/app:v1@${DIGEST}`],
    ['ghcr.io/acme/my__app-x.y_z', 'ghcr.io/acme/my__app-x.y_z'],
    [`ghcr.io/acme/app:${'t'.repeat(128)}`, `ghcr.io/acme/app:${'t'.repeat(128)}`],
  ])('reads %s', (text, canonical) => {
    expect(formatReference(parseReference(text))).toBe(canonical);
    expect(parseReference(canonical)).toEqual(parseReference(text));
  });

  it.each([
    [''],
    ['https://ghcr.io/acme/app'],
    ['ghcr.io/acme//app'],
    ['ghcr.io/acme/app/'],
    ['ghcr.io/acme/-app'],
    ['ghcr.io/acme/app:'],
    ['ghcr.io/acme/app:-v1'],
    [`ghcr.io/acme/app:${'t'.repeat(129)}`],
    ['ghcr.io/acme/app:v1:v2'],
    ['ghcr.io:port/acme/app'],
    ['ghcr.io/acme/app name'],
    ['ghcr.io/acme/app\n'],
    ['-ghcr.io/acme/app'],
    ['../app'],
    [`ghcr.io/${'a'.repeat(250)}`],
  ])('refuses %j', (text) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'reference-invalid' }));
  });

  it.each(['sha256:abc', `sha256:${HEX.toUpperCase()}`, `md5:${HEX}`, '', `${DIGEST}@${DIGEST}`])(
    'refuses the digest %j',
    (digest) => {
      expect(() => parseReference(`ghcr.io/acme/app@${digest}`)).toThrow(
        expect.objectContaining({ code: 'digest-invalid' }),
      );
    },
  );
});

describe('parseDigestReference', () => {
  it('wants a digest', () => {
    expect(parseDigestReference(`alpine@${DIGEST}`).digest).toBe(DIGEST);
    expect(() => parseDigestReference('alpine:3.22')).toThrow(expect.objectContaining({ code: 'digest-required' }));
  });
});

describe('parseRepositoryName', () => {
  it('wants neither tag nor digest', () => {
    expect(repositoryLabel(parseRepositoryName('localhost:5000/x'))).toBe('localhost:5000/x');
    for (const text of ['ghcr.io/acme/app:v1', `ghcr.io/acme/app@${DIGEST}`]) {
      expect(() => parseRepositoryName(text)).toThrow(expect.objectContaining({ code: 'reference-invalid' }));
    }
  });
});
