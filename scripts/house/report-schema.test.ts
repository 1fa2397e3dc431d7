import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { reportSchemaDocument } from './report-schema.mjs';

const { file, content } = reportSchemaDocument();
const ajv = new Ajv({ strict: false });
addFormats.default(ajv);
const validate = ajv.compile(JSON.parse(content) as object);

const digest = `sha256:${'a'.repeat(64)}`;
const finding = {
  kind: 'secret',
  id: 'private-key',
  severity: 'high',
  title: 'A key',
  fingerprint: 'a'.repeat(32),
  sources: ['trivy'],
  places: [
    { in: 'image', platforms: ['linux/amd64'], path: '/k', origin: { path: 'Dockerfile', line: 3, text: 'COPY k /' } },
  ],
};
const report = {
  version: 1,
  image: 'acme/app',
  outcome: 'fail',
  counts: { critical: 0, high: 0, medium: 0, low: 0, unknown: 0, secrets: 1, misconfigurations: 0, licences: 0 },
  problems: [],
  judgement: { outcome: 'fail', blocking: [finding], suppressed: [], expired: [], unused: [], expiring: [] },
  findings: [finding],
  coverage: { platforms: [], scanners: ['trivy'], source: true, switchedOff: [], ecosystems: [], inlineIgnores: [] },
  databases: [{ name: 'trivy-db', failed: [] }],
  tools: [{ name: 'trivy', version: '0.72.0' }],
  notes: [],
  isolation: 'namespaces',
  policyDigest: digest,
  policySources: [],
  proposed: { changes: [], notes: [] },
  startedAt: '2026-11-21T09:00:00.000Z',
  finishedAt: '2026-11-21T09:00:01.000Z',
};

test('the published form is the one in the repository', () => {
  expect(readFileSync(path.resolve(import.meta.dirname, '../..', file), 'utf8')).toBe(content);
});

test('takes a report; what a real scan writes is held to it by the black-box tests', () => {
  expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
});

test.each([
  ['a key that nobody knows', { ...report, severityy: 1 }],
  ['another version', { ...report, version: 2 }],
  ['an outcome that there is not', { ...report, outcome: 'ok' }],
  ['a place that is nowhere', { ...report, findings: [{ ...finding, places: [{ in: 'moon' }] }] }],
  [
    'a secret with a package',
    { ...report, findings: [{ ...finding, package: { name: 'x', purl: 'x', versions: [] } }] },
  ],
])('refuses %s', (_name, document) => {
  expect(validate(document)).toBe(false);
});
