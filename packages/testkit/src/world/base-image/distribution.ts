import { existsSync, readFileSync } from 'node:fs';

/** Where the packages of a base image come from. */
export interface Distribution {
  readonly id: 'debian' | 'ubuntu';
  /** As in os-release, such as `12`. */
  readonly version: string;
  /** As in the archive, such as `bookworm`. */
  readonly codename: string;
  readonly keyring: string;
  /** Archive by Debian architecture name. */
  readonly archives: Readonly<Record<string, string>>;
}

const KNOWN = {
  debian: {
    keyring: '/usr/share/keyrings/debian-archive-keyring.gpg',
    archives: { amd64: 'http://deb.debian.org/debian', arm64: 'http://deb.debian.org/debian' },
  },
  ubuntu: {
    keyring: '/usr/share/keyrings/ubuntu-archive-keyring.gpg',
    archives: { amd64: 'http://archive.ubuntu.com/ubuntu', arm64: 'http://ports.ubuntu.com/ubuntu-ports' },
  },
} as const;

/**
 * The distribution of this machine: its own apt can check the signatures of its own archive.
 * @throws when it is neither Debian nor Ubuntu
 */
export function hostDistribution(osRelease = '/etc/os-release'): Distribution {
  const fields = existsSync(osRelease) ? parseOsRelease(readFileSync(osRelease, 'utf8')) : {};
  const { ID: id = 'this system', VERSION_ID: version = '', VERSION_CODENAME: codename = '' } = fields;
  if (id === 'debian' || id === 'ubuntu') return { id, version, codename, ...KNOWN[id] };
  throw new Error(`a base image is made of Debian or Ubuntu packages, and ${id} has no apt for them`);
}

export function parseOsRelease(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/^(\w+)="?(.*?)"?$/gm)].map(([, name = '', value = '']) => [name, value] as const);
  return Object.fromEntries(pairs);
}
