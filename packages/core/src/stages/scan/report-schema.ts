import * as v from 'valibot';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { SEVERITIES } from '../../policy/findings.ts';
import { OUTCOMES } from './verdict.ts';

const digest = v.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'not a digest');
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const line = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const time = v.pipe(v.string(), v.isoTimestamp());
const texts = v.array(v.string());
const optional = v.exactOptional;
const severity = v.picklist(SEVERITIES);
const scanner = v.picklist(['trivy', 'osv-scanner']);

const instruction = v.strictObject({ path: v.string(), line, text: v.string() });
const place = v.variant('in', [
  v.strictObject({
    in: v.literal('image'),
    platforms: texts,
    path: optional(v.string()),
    layer: optional(v.string()),
    origin: optional(instruction),
    line: optional(line),
  }),
  v.strictObject({ in: v.literal('source'), path: v.string(), line: optional(line) }),
]);

const common = {
  id: v.string(),
  severity,
  title: v.string(),
  fingerprint: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  sources: v.array(scanner),
  link: optional(v.string()),
  places: v.array(place),
};
const foundPackage = v.strictObject({ name: v.string(), purl: v.string(), versions: texts });
const vulnerability = v.strictObject({
  kind: v.literal('vulnerability'),
  ...common,
  aliases: texts,
  updates: optional(texts),
  package: foundPackage,
  fixedVersion: optional(v.string()),
  fixes: optional(v.array(v.strictObject({ installed: v.string(), fixed: optional(v.string()) }))),
  epss: optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  knownExploited: optional(v.literal(true)),
});
const finding = v.variant('kind', [
  vulnerability,
  v.strictObject({ kind: v.literal('secret'), ...common }),
  v.strictObject({ kind: v.literal('misconfiguration'), ...common, resolution: optional(v.string()) }),
  v.strictObject({ kind: v.literal('licence'), ...common, package: foundPackage }),
]);

const suppression = v.strictObject({
  id: v.string(),
  aliases: optional(texts),
  reason: v.string(),
  expires: optional(v.string()),
  package: optional(v.string()),
  version: optional(v.string()),
  paths: optional(texts),
  platform: optional(v.string()),
  platforms: optional(texts),
  distro: optional(v.string()),
  origin: optional(v.string()),
  stated: optional(v.string()),
});
const suppressed = v.array(v.strictObject({ finding, by: suppression }));

const database = v.strictObject({
  name: v.string(),
  source: v.string(),
  digest,
  updatedAt: optional(time),
});

/** The form of a report file, version 1: what `ScanReport` is as JSON. */
export const REPORT_SCHEMA = v.strictObject({
  version: v.literal(1),
  image: v.string(),
  digest: optional(digest),
  from: optional(v.literal('sbom')),
  outcome: v.picklist(OUTCOMES),
  imageOutcome: optional(v.picklist(OUTCOMES)),
  counts: v.strictObject({
    critical: count,
    high: count,
    medium: count,
    low: count,
    unknown: count,
    secrets: count,
    misconfigurations: count,
    licences: count,
  }),
  problems: v.array(
    v.strictObject({ outcome: v.picklist(['error', 'incomplete']), what: v.string(), todo: v.string() }),
  ),
  judgement: v.strictObject({
    outcome: v.picklist(['pass', 'fail']),
    blocking: v.array(finding),
    suppressed,
    expired: suppressed,
    unused: v.array(suppression),
    expiring: v.array(suppression),
  }),
  comparison: optional(
    v.strictObject({
      against: texts,
      introduced: v.array(vulnerability),
      disclosed: v.array(vulnerability),
      fixed: v.array(vulnerability),
      unchanged: count,
      decides: v.boolean(),
      notes: texts,
    }),
  ),
  findings: v.array(finding),
  coverage: v.strictObject({
    platforms: v.array(
      v.strictObject({ platform: v.string(), digest, operatingSystem: optional(v.string()), packages: count }),
    ),
    scanners: v.array(scanner),
    files: optional(v.array(v.strictObject({ name: v.string(), digest, size: count, closed: v.boolean() }))),
    source: v.boolean(),
    switchedOff: texts,
    ecosystems: v.array(v.strictObject({ ecosystem: v.string(), lockfiles: texts, packages: count })),
    inlineIgnores: texts,
    notes: optional(texts),
  }),
  databases: v.array(
    v.strictObject({
      name: v.string(),
      database: optional(database),
      problem: optional(v.string()),
      failed: v.array(v.strictObject({ source: v.string(), problem: v.string() })),
    }),
  ),
  tools: v.array(v.strictObject({ name: v.string(), version: v.string() })),
  notes: texts,
  isolation: v.picklist(['namespaces', 'other-user', 'none']),
  policyDigest: digest,
  policySources: v.array(v.strictObject({ name: v.string(), digest: optional(digest) })),
  proposed: v.strictObject({
    changes: v.array(v.strictObject({ path: v.string(), before: optional(v.string()), after: optional(v.string()) })),
    notes: texts,
  }),
  startedAt: time,
  finishedAt: time,
});

/** Parts that stand in it more than once, by the names that the published form gives them. */
export const REPORT_PARTS = { place, vulnerability, finding, suppression, suppressed };
