import { expect, it } from 'vitest';
import { isGhcr, packageSettingsUrl } from './package-page.ts';

const name = { registry: 'ghcr.io', repository: 'acme/team/app' };
const owned = (type: string, serverUrl = 'https://github.com', owner = 'Acme') => ({
  serverUrl,
  owner,
  event: { repository: { owner: { type } } },
});

it.each([
  ['an organisation', owned('Organization'), 'https://github.com/orgs/acme/packages/container/team%2Fapp/settings'],
  ['a person', owned('User'), 'https://github.com/users/acme/packages/container/team%2Fapp/settings'],
  [
    'a server of ones own',
    owned('Organization', 'https://git.acme.test'),
    'https://git.acme.test/orgs/acme/packages/container/team%2Fapp/settings',
  ],
  [
    'somebody who does not own the repository',
    owned('User', 'https://github.com', 'octo'),
    'https://github.com/orgs/acme/packages/container/team%2Fapp/settings',
  ],
])('the settings of a package of %s', (_who, github, url) => {
  expect(packageSettingsUrl(name, github)).toBe(url);
});

it('GHCR is that of the server', () => {
  expect(isGhcr(name, { github: owned('User'), env: {} })).toBe(true);
  const own = { github: owned('User', 'https://git.acme.test'), env: {} };
  expect(isGhcr(name, own)).toBe(false);
  expect(isGhcr({ ...name, registry: 'containers.git.acme.test' }, own)).toBe(true);
});
