import type { RepositoryName } from '../reference.ts';

/** A user name and secret for one registry. Never logged. */
export interface Credential {
  /** {@link IDENTITY_TOKEN_USER} when `password` is an OAuth2 refresh token. */
  readonly username: string;
  readonly password: string;
}

/** The user name under which docker's configuration and its helpers hand out a refresh token. */
export const IDENTITY_TOKEN_USER = '<token>';

/** Where credentials come from. */
export interface Credentials {
  /** @param host - as in {@link RepositoryName}, so `docker.io` for Docker Hub */
  forHost(host: RepositoryName['registry']): Promise<Credential | undefined>;
}

export interface CredentialEntry extends Credential {
  readonly registry: string;
}

export const noCredentials: Credentials = { forHost: () => Promise.resolve(undefined) };

/** The first that knows the host wins. */
export function chainCredentials(...chain: readonly Credentials[]): Credentials {
  return {
    async forHost(host) {
      for (const credentials of chain) {
        const found = await credentials.forHost(host);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

/** Credentials as given in an input; the registry may be written with or without `https://`. */
export function listCredentials(entries: readonly CredentialEntry[]): Credentials {
  const byHost = new Map(
    entries.map(({ registry, username, password }) => [credentialHost(registry), { username, password }]),
  );
  return { forHost: (host) => Promise.resolve(byHost.get(credentialHost(host))) };
}

/** The host that a key of docker's configuration is about: scheme, path and Docker Hub's many names removed. */
export function credentialHost(key: string): string {
  const host = key
    .trim()
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '')
    .toLowerCase();
  return ['index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com'].includes(host) ? 'docker.io' : host;
}
