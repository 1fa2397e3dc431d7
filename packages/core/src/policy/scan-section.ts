import * as v from 'valibot';
import { parseDuration } from './duration.ts';
import { SEVERITIES, type Severity } from './findings.ts';
import type { ScanRules } from './gate.ts';
import { suppressionSection } from './suppression-section.ts';
import { type LicenceRules, licencesSection } from './licences.ts';

/** The policy's `scan` section: what the gate applies, and how old the knowledge it rests on may be. */
export interface ScanPolicy extends ScanRules {
  /** Milliseconds. A scan on older vulnerability data is incomplete. */
  readonly databaseMaxAge: number;
  /** Vulnerabilities that were there before do not block. */
  readonly onlyNew: boolean;
  /** Whether scanners may run as plain children of this process where nothing better works. */
  readonly isolation: 'required' | 'none';
  /** What a release of an operating system that gets no more security fixes means. */
  readonly endOfLife: 'note' | 'incomplete';
  /** Whether secrets are looked for also where trivy takes them for samples, by the name of the file. */
  readonly secretsEverywhere: boolean;
  /** Absent when licences are not looked at. */
  readonly licences?: LicenceRules | undefined;
  readonly epss?: EpssRules | undefined;
  readonly kev?: ExploitSource | undefined;
}

/** Where data about exploitation comes from. */
export interface ExploitSource {
  /** URLs or absolute paths, tried in order. */
  readonly sources: readonly string[];
  /** Milliseconds. */
  readonly maxAge: number;
}

export interface EpssRules extends ExploitSource {
  /** 0 to 1. */
  readonly threshold: number;
}

const BLOCKING = ['HIGH', 'CRITICAL'] as const;

const severity = v.pipe(
  v.picklist([...SEVERITIES.map((name) => name.toUpperCase()), ...SEVERITIES]),
  v.transform((name) => name.toLowerCase() as Severity),
);

const severities = v.pipe(
  v.optional(v.array(severity), [...BLOCKING]),
  v.description('Findings of these severities block.'),
);

const duration = v.pipe(
  v.string(),
  v.check((text) => parseDuration(text) !== undefined, 'write a whole number and s, m, h, d or w, such as 12h or 2d'),
  v.description('A whole number and s, m, h, d or w, such as 12h or 2d.'),
  v.transform((text) => parseDuration(text) ?? 0),
);

const everywhere = v.pipe(
  v.boolean(),
  v.description(
    'Look for secrets also where samples lie: in tests, examples, vendored and system directories, Markdown.',
  ),
);

const endOfLife = v.pipe(
  v.picklist(['note', 'incomplete']),
  v.description(
    'What a release of an operating system that gets no more security fixes means: a note in summary and report, or no verdict.',
  ),
);

const isolation = v.pipe(
  v.picklist(['required', 'none']),
  v.description(
    'required: scanners run in namespaces of their own or as another user, else there is no verdict. none: they may run as plain children of the action, which could read its tokens.',
  ),
);

const WHERE =
  'write an http(s) URL or an absolute path; a file of the scanned tree would let a pull request write its own';

const source = v.pipe(
  v.string(WHERE),
  v.check((text) => /^https?:\/\/\S+$/.test(text) || /^\/.+/.test(text), WHERE),
);

const sources = v.pipe(
  v.union(
    [
      v.pipe(v.array(source), v.minLength(1, WHERE)),
      v.pipe(
        source,
        v.transform((one) => [one]),
      ),
    ],
    WHERE,
  ),
  v.description('A URL or an absolute path, or a list that is tried in order.'),
);

const epss = v.pipe(
  v.strictObject({
    data: sources,
    threshold: v.pipe(
      v.number(),
      v.minValue(0),
      v.maxValue(1),
      v.description('Vulnerabilities with this probability of exploitation, or more, block whatever their severity.'),
    ),
    'max-age': v.optional(duration, '7d'),
  }),
  v.description('The Exploit Prediction Scoring System, as the CSV that FIRST publishes, plain or gzipped.'),
  v.transform((given): EpssRules => ({ sources: given.data, threshold: given.threshold, maxAge: given['max-age'] })),
);

const kev = v.pipe(
  v.strictObject({ data: sources, 'max-age': v.optional(duration, '14d') }),
  v.description('Known exploited vulnerabilities, as the JSON that CISA publishes; all in it block.'),
  v.transform((given): ExploitSource => ({ sources: given.data, maxAge: given['max-age'] })),
);

/** The `scan:` section of the policy file. */
export const scanSection = v.pipe(
  v.strictObject({
    severity: severities,
    'fixable-only': v.optional(
      v.pipe(v.boolean(), v.description('Let a vulnerability without a known fix pass.')),
      false,
    ),
    misconfiguration: v.optional(v.strictObject({ severity: severities }), {}),
    secrets: v.optional(v.strictObject({ everywhere: v.optional(everywhere, false) }), {}),
    'only-new': v.optional(
      v.pipe(
        v.boolean(),
        v.description('Let vulnerabilities pass that the baseline has as well; without a baseline everything is new.'),
      ),
      false,
    ),
    licences: v.optional(licencesSection),
    epss: v.optional(epss),
    kev: v.optional(kev),
    'database-max-age': v.optional(duration, '48h'),
    'end-of-life': v.optional(endOfLife, 'note'),
    isolation: v.optional(isolation, 'required'),
    suppressions: v.optional(v.array(suppressionSection), []),
  }),
  v.transform(
    (section): ScanPolicy => ({
      severities: section.severity,
      fixableOnly: section['fixable-only'],
      misconfigurations: section.misconfiguration.severity,
      secretsEverywhere: section.secrets.everywhere,
      onlyNew: section['only-new'],
      ...(section.licences === undefined ? {} : { licences: section.licences }),
      ...(section.epss === undefined ? {} : { epss: section.epss }),
      ...(section.kev === undefined ? {} : { kev: section.kev }),
      databaseMaxAge: section['database-max-age'],
      endOfLife: section['end-of-life'],
      isolation: section.isolation,
      suppressions: section.suppressions,
    }),
  ),
);
