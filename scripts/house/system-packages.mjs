// Debian packages that the loopback world and its tests need.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** @typedef {{ name: string, files: readonly string[] }} SystemPackage a package with files of which it brings one */

/** @type {readonly SystemPackage[]} What BuildKit needs on a machine without a Docker engine. */
const BUILDING = [
  { name: 'runc', files: ['/usr/sbin/runc', '/usr/bin/runc', '/usr/local/sbin/runc', '/usr/local/bin/runc'] },
  { name: 'qemu-user-static', files: ['/usr/bin/qemu-aarch64-static', '/usr/libexec/qemu-binfmt'] },
];

/** @type {readonly SystemPackage[]} What looks at pages as a person does. */
export const BROWSER = [{ name: 'chromium', files: ['/usr/bin/chromium', '/usr/bin/google-chrome'] }];

/**
 * The packages that are missing and that this user could install; none where there is no apt or no right to use it.
 * @param {readonly SystemPackage[]} more beside those that every build needs
 */
export function installablePackages(more = []) {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return [];
  return [...BUILDING, ...more].filter(({ files }) => !files.some((file) => existsSync(file))).map(({ name }) => name);
}

/**
 * @param {readonly string[]} names
 * @returns {boolean} false when apt-get could not install them
 */
export function installPackages(names) {
  if (names.length === 0) return true;
  console.log(`Installing with apt-get: ${names.join(', ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (/** @type {string[]} */ ...args) =>
    spawnSync('apt-get', ['-q', ...args], { env, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
  return apt('update') && apt('install', '-y', '--no-install-recommends', ...names);
}
