import { createHash } from 'node:crypto';

export type Severity = 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL';

/** What a vulnerability is in: a package of a distribution, or of a language's registry. */
export type Affected = OsPackage | LanguagePackage;

export interface OsPackage {
  readonly os: 'debian' | 'ubuntu' | 'alpine';
  /** As scanners name the release, such as `12`, `24.04` or `3.20`. */
  readonly release: string;
  /** Name of the source package. */
  readonly package: string;
  /** The first good version; absent when there is none yet. */
  readonly fixed?: string;
}

export interface LanguagePackage {
  readonly ecosystem: Ecosystem;
  readonly package: string;
  /** The first bad version; from the beginning unless given. */
  readonly introduced?: string;
  readonly fixed?: string;
}

/** As OSV writes them. */
export type Ecosystem = 'Go' | 'npm' | 'PyPI' | 'crates.io' | 'Maven' | 'RubyGems';

/** One vulnerability, as a test states it; both databases are made of these. */
export interface Advisory {
  /** A CVE number. */
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly affected: readonly Affected[];
  readonly description?: string;
  /** Base score of CVSS 3.1; one that fits the severity unless given. */
  readonly score?: number;
}

export const SEVERITY_RANK: Readonly<Record<Severity, number>> = { LOW: 1, MEDIUM: 2, HIGH: 3, CRITICAL: 4 };

/** A score and vector (CVSS 3.1) that scanners rate as the severity says. */
export const SEVERITY_CVSS: Readonly<Record<Severity, { score: number; vector: string }>> = {
  LOW: { score: 3.7, vector: 'CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:N/A:N' },
  MEDIUM: { score: 5.3, vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N' },
  HIGH: { score: 7.5, vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N' },
  CRITICAL: { score: 9.8, vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' },
};

export function isLanguagePackage(affected: Affected): affected is LanguagePackage {
  return 'ecosystem' in affected;
}

const GHSA_ALPHABET = '23456789cfghjmpqrvwx';

/** GitHub's number for a CVE: made up, but always the same, and of the right form. */
export function ghsaOf(advisory: Advisory): string {
  const bytes = [...createHash('sha256').update(advisory.id).digest().subarray(0, 12)];
  const letters = bytes.map((byte) => GHSA_ALPHABET[byte % GHSA_ALPHABET.length]).join('');
  return `GHSA-${letters.slice(0, 4)}-${letters.slice(4, 8)}-${letters.slice(8)}`;
}
