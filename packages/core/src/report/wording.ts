import { countFindings, type Finding } from '../policy/findings.ts';

const HOUR = 3_600_000;

/** `1 platform`, `2 platforms`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `5 h` up to two days, `9 d` above. */
export function describeAge(milliseconds: number): string {
  const hours = Math.floor(milliseconds / HOUR);
  return hours <= 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

/** `3 findings block: 1 critical, 1 high, 1 secret`. */
export function blockingText(blocking: readonly Finding[]): string {
  const { secrets, misconfigurations, licences, ...severities } = countFindings(blocking);
  const parts = [
    ...Object.entries(severities).map(([severity, count]) => (count === 0 ? '' : `${count} ${severity}`)),
    secrets === 0 ? '' : plural(secrets, 'secret'),
    misconfigurations === 0 ? '' : plural(misconfigurations, 'misconfiguration'),
    licences === 0 ? '' : plural(licences, 'licence'),
  ].filter((part) => part !== '');
  return `${plural(blocking.length, 'finding')} ${blocking.length === 1 ? 'blocks' : 'block'}: ${parts.join(', ')}`;
}
