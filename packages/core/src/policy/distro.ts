/** Names of releases that package URLs give in place of their numbers. */
const CODENAMES: Readonly<Record<string, string>> = {
  buster: 'debian-10',
  bullseye: 'debian-11',
  bookworm: 'debian-12',
  trixie: 'debian-13',
  forky: 'debian-14',
  focal: 'ubuntu-20.04',
  jammy: 'ubuntu-22.04',
  noble: 'ubuntu-24.04',
};
const FAMILIES: Readonly<Record<string, string>> = {
  rhel: 'redhat',
  amzn: 'amazon',
  sles: 'suse linux enterprise server',
};

/**
 * Whether the `distro` of a package URL means this operating system: `debian-12` and `bookworm` are `debian 12.11`, and
 * `3.20` is `alpine 3.20.1`, for that is how scanners write it for Alpine.
 */
export function isDistro(distro: string, system: string): boolean {
  const [, family = '', release = ''] = /^(.*?)\s*([\d.]*)$/.exec(system.toLowerCase()) ?? [];
  const lower = distro.toLowerCase();
  const wanted = CODENAMES[lower] ?? lower;
  const [, given = '', number = ''] = /^(.*?)-?([\d.]*)$/.exec(wanted) ?? [];
  if (given !== '' && (FAMILIES[given] ?? given) !== family) return false;
  return number === '' ? given !== '' : `${release}.`.startsWith(`${number}.`);
}
