import { describe, expect, it } from 'vitest';
import { isFailure } from '../runtime/errors.ts';
import { defaultPolicy, defaultPolicyDigest } from './defaults.ts';
import { parsePolicy } from './load.ts';

const FILE = '.github/plimsoll.yml';

/** `code place | hint` of the failure. */
function failure(text: string): { code: string; message: string; hint: string } {
  try {
    parsePolicy(text, FILE);
  } catch (error) {
    if (isFailure(error)) return error;
    throw error;
  }
  throw new Error('no failure');
}

describe('parsePolicy', () => {
  it.each(['', '# nothing yet\n', '{}', 'scan: {}\n'])('of %j is the defaults', (text) => {
    expect(parsePolicy(text, FILE)).toEqual(defaultPolicy);
  });

  it('has strict defaults', () => {
    expect(defaultPolicy.scan).toEqual({
      severities: ['high', 'critical'],
      fixableOnly: false,
      misconfigurations: ['high', 'critical'],
      isolation: 'required',
      databaseMaxAge: 48 * 3_600_000,
      onlyNew: false,
      secretsEverywhere: false,
      endOfLife: 'note',
      suppressions: [],
    });
    expect(defaultPolicy.verify).toMatchObject({
      issuer: 'https://token.actions.githubusercontent.com',
      identities: [],
    });
    expect(defaultPolicyDigest()).toMatch(/^sha256:/);
  });

  it('reads every section', () => {
    const text = `
scan:
  severity: [critical, HIGH, MEDIUM]
  fixable-only: true
  misconfiguration: { severity: [] }
  database-max-age: 12h
  suppressions:
    - { id: CVE-2026-1, reason: not reachable, expires: 2026-12-31 }
    - &other { id: CVE-2026-2, reason: "test only", expires: 2027-02-28, package: zlib1g }
verify:
  identities: ["https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main"]
  source-repository: acme/app
  ref: refs/heads/main
  required: [signature, spdx, "https://example.test/own/v1"]
tags:
  immutable: ["rc-*"]
  moving: [24.04.1]
retention: { untagged: { delete-after: 7d } }
limits: { image-size: 1.5 GiB }
`;
    expect(parsePolicy(text, FILE)).toMatchObject({
      scan: {
        severities: ['critical', 'high', 'medium'],
        fixableOnly: true,
        misconfigurations: [],
        databaseMaxAge: 43_200_000,
        suppressions: [{ id: 'CVE-2026-1' }, { package: 'zlib1g' }],
      },
      verify: {
        sourceRepository: 'acme/app',
        ref: 'refs/heads/main',
        required: ['https://sigstore.dev/cosign/sign/v1', 'https://spdx.dev/Document', 'https://example.test/own/v1'],
      },
      tags: { immutable: [{ text: 'rc-*' }], moving: [{ text: '24.04.1' }] },
      retention: { untagged: { 'delete-after': '7d' } },
      limits: { imageSize: 1_610_612_736 },
    });
  });

  it.each([
    ['scan:\n  fixable_only: true\n', '2:3', '"fixable-only:"'],
    ['scna: {}\n', '1:1', '"scan:"'],
    ['scan:\n  wholly-different: 1\n', '2:3', 'severity, fixable-only'],
    ['scan:\n  suppressions:\n    - id: x\n      reason: y\n      expirs: 2026-01-01\n', '5:7', '"expires:"'],
    ['scan:\n  suppressions:\n    - id: x\n      expires: 2026-01-01\n', '3:7', '"reason:"'],
    ['scan:\n  severity: [HIGH, SEVERE]\n', '2:20', 'policy.schema.json'],
    ['scan:\n  severity: HIGH\n', '2:3', 'policy.schema.json'],
    ['retention:\n  channels:\n    - name: dev\n      match: ["dev-*"]\n      keep: { lastt: 3 }\n', '5:15', '"last:"'],
  ])('names place and way out of %j', (text, place, hint) => {
    const found = failure(text);
    expect(found.code).toBe('policy-invalid');
    expect(found.message).toContain(`${FILE}:${place}: `);
    expect(found.hint).toContain(hint);
  });

  it.each([
    ['YAML that does not parse', 'scan:\n  severity: [HIGH\n'],
    ['a key given twice', 'scan: {}\nscan: {}\n'],
    ['a custom tag', 'scan: !include x.yml\n'],
    ['a binary tag', 'scan: { fixable-only: !!binary aGk= }\n'],
    ['two documents', '---\nscan: {}\n---\nscan: {}\n'],
    ['a list', '- scan\n'],
    ['a text', 'scan'],
    ['a yes for a boolean', 'scan: { fixable-only: yes }\n'],
    ['a day that does not exist', 'scan: { suppressions: [{ id: a, reason: b, expires: 2026-02-30 }] }\n'],
    ['a duration without unit', 'scan: { database-max-age: 24 }\n'],
    ['an empty reason', 'scan: { suppressions: [{ id: a, reason: " ", expires: 2026-02-03 }] }\n'],
    ['a short ref', 'verify: { ref: main }\n'],
    ['an identity that everybody has', 'verify: { identities: [".*"] }\n'],
    ['a kind of evidence that nobody knows', 'verify: { required: [sbom] }\n'],
    ['a pattern that no tag can match', 'tags: { immutable: ["a/b"] }\n'],
    ['a size without unit', 'limits: { image-size: 100 }\n'],
  ])('refuses %s, with line and column', (_name, text) => {
    const found = failure(text);
    expect(found.code).toBe('policy-invalid');
    expect(found.message).toMatch(/^\.github\/plimsoll\.yml:\d+:\d+: /);
  });

  it('refuses a file of more than 1 MiB and aliases that multiply', () => {
    expect(failure(`# ${'x'.repeat(1024 * 1024)}`).code).toBe('policy-invalid');
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (const [from, to] of [
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'd'],
      ['d', 'e'],
    ]) {
      bomb.push(`${to}: &${to} [${Array.from({ length: 10 }, () => `*${from}`).join(', ')}]`);
    }
    expect(failure(bomb.join('\n')).code).toBe('policy-invalid');
  });
});

describe('what is exploited, and licences', () => {
  const scan = (text: string) => parsePolicy(`scan:\n${text}`, 'policy.yml').scan;

  it('takes one source or a list, and has ages of its own', () => {
    const { epss, kev } = scan(
      '  epss: {data: https://x/e.csv, threshold: 0.5}\n  kev: {data: [/a, /b], max-age: 2d}\n',
    );
    expect(epss).toEqual({ sources: ['https://x/e.csv'], threshold: 0.5, maxAge: 7 * 86_400_000 });
    expect(kev).toEqual({ sources: ['/a', '/b'], maxAge: 2 * 86_400_000 });
  });

  it.each(['./x.json', '[./x.json]', '[]', '5', '{}'])('says what to write in place of kev.data: %s', (data) => {
    const text = `scan:\n  kev:\n    data: ${data}\n`;
    expect(failure(text).message).toMatch(/^\.github\/plimsoll\.yml:3:\d+: "scan\.kev\.data.*absolute path/);
  });

  it.each(['epss: {data: e.csv, threshold: 0.5}', 'epss: {data: /e, threshold: 5}', 'kev: {data: []}', 'licenses: {}'])(
    '%s is refused',
    (text) => expect(() => scan(`  ${text}\n`)).toThrow(expect.objectContaining({ code: 'policy-invalid' })),
  );
});
