import { describe, expect, it } from 'vitest';
import { readTrivyIgnore as read } from './trivy-ignore.ts';

const image = { platforms: [{ platform: 'linux/arm64', digest: 'sha256:0' }] };
const readTrivyIgnore = (text: string, name: string) => read(text, name, image);

describe('.trivyignore', () => {
  it('is read line by line, and what is wanting is told', () => {
    const text = '# accepted\nCVE-2026-1 exp:2027-01-02\n\nDS-0002 # root\n';
    const { suppressions, notes } = readTrivyIgnore(text, '.trivyignore');
    expect(suppressions).toMatchObject([
      { id: 'CVE-2026-1', expires: '2027-01-02', origin: '.trivyignore' },
      { id: 'DS-0002', reason: 'no reason given' },
    ]);
    expect(notes).toEqual([
      '.trivyignore: CVE-2026-1 gives no reason.',
      '.trivyignore: DS-0002 gives no reason.',
      '.trivyignore: DS-0002 never expires.',
    ]);
  });

  it.each(['CVE-2026-1 exp:soon', 'CVE-2026-1 exp:2030', 'CVE-2026-1 exp:2026-02-30', 'CVE-2026-1 until tomorrow'])(
    'refuses "%s", which trivy passes over',
    (line) => {
      expect(() => readTrivyIgnore(`a\n${line}`, 'f')).toThrow(expect.objectContaining({ code: 'policy-invalid' }));
      expect(() => readTrivyIgnore(`a\n${line}`, 'f')).toThrow(/^f:2: /);
    },
  );
});

describe('.trivyignore.yaml', () => {
  it('is read with paths, package URLs, days and statements', () => {
    const text = `vulnerabilities:
  - id: CVE-2026-1
    paths: [app/**]
    purls: ["pkg:npm/%40a/b@1.0.0"]
    expired_at: 2027-01-02
    statement: not reachable
secrets:
  - id: private-key
    statement: a test key
    expired_at: 2027-01-02
`;
    const { suppressions, notes } = readTrivyIgnore(text, 'x/.trivyignore.yaml');
    expect(suppressions).toEqual([
      {
        id: 'CVE-2026-1',
        reason: 'not reachable',
        origin: 'x/.trivyignore.yaml',
        expires: '2027-01-02',
        paths: ['app/**'],
        package: 'pkg:npm/@a/b',
        version: '1.0.0',
      },
    ]);
    expect(notes).toEqual([expect.stringContaining('fingerprint')]);
  });

  it.each([
    ['vulnerabilities:\n  - id: x\n    expires_at: 2027-01-01\n', /^f\.yaml:3:5: /],
    ['vulnerabilities:\n  - id: x\n    expired_at: 2027-02-30\n', /^f\.yaml:3:5: /],
    ['vulnerability: []\n', /^f\.yaml:1:1: /],
  ])('says where the mistake in %j is', (text, place) => {
    expect(() => readTrivyIgnore(text, 'f.yaml')).toThrow(place);
  });

  it('takes the day of a time, and the package of an architecture', () => {
    const purls = '["pkg:deb/debian/zlib1g@1?arch=arm64&epoch=1"]';
    const text = `vulnerabilities: [{id: x, expired_at: 2027-01-01T00:00:00Z, purls: ${purls}}]`;
    expect(readTrivyIgnore(text, 'f.yaml').suppressions).toMatchObject([
      { expires: '2027-01-01', version: '1:1', platforms: ['linux/arm64'] },
    ]);
  });

  it.each(['vulnerability: []', 'vulnerabilities: [{id: x, expires_at: 2027-01-01}]', 'vulnerabilities: x', 'a: ['])(
    'refuses %s',
    (text) => {
      expect(() => readTrivyIgnore(text, 'f.yaml')).toThrow(expect.objectContaining({ code: 'policy-invalid' }));
    },
  );
});
