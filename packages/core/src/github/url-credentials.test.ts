import { expect, it } from 'vitest';
import { holdsCredentials } from './url-credentials.ts';

it.each([
  'https://u:p@host/x.git',
  'HTTPS://token@host/x.git',
  'http://:p@host',
  'ssh://git:p@host/x',
  'git://u:p@host/x',
])('finds those of %s', (url) => {
  expect(holdsCredentials(url)).toBe(true);
});

it.each([
  'https://host/x@1.git',
  'ssh://git@host:22/x.git',
  'git@host:x.git',
  `docker-image://alpine:3@sha256:${'a'.repeat(64)}`,
  'oci-layout://host:1@sha256:0',
])('finds none in %s', (url) => {
  expect(holdsCredentials(url)).toBe(false);
});
