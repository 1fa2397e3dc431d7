import { errorCode, ScanWorld } from '@plimsoll/testkit/scan/scan-world';
import { alpineTree } from '@plimsoll/testkit/scan/subjects';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

let bed: ScanWorld;

beforeAll(async () => {
  bed = await ScanWorld.start();
});
afterAll(() => bed.world.close());
afterEach(() => bed.policy(''));

describe('suppressions of the policy', () => {
  it('passes with suppressions of the default branch, until they expire', async () => {
    const { directory } = await bed.subjects.image(alpineTree('1.2.5-r0'));
    const policy = (expires: string) =>
      `scan:\n  suppressions:\n    - id: CVE-2026-70001\n      package: musl\n      reason: not reachable\n      expires: ${expires}\n`;
    bed.policy(policy('2999-01-01'));
    const suppressed = await bed.scan({ inputs: { layout: directory } });
    expect(errorCode(suppressed)).toBeUndefined();
    expect(suppressed.summary).toContain('not reachable');
    bed.policy(policy('2026-01-01'));
    const expired = await bed.scan({ inputs: { layout: directory } });
    expect(errorCode(expired)).toBe('scan-failed');
    expect(expired.summary).toContain('have expired');
  });
});

describe('suppressions of other tools', () => {
  const vex = (id: string) =>
    JSON.stringify({
      '@context': 'https://openvex.dev/ns/v0.2.0',
      author: 'Acme Security',
      statements: [{ vulnerability: { name: 'CVE-2026-70001' }, products: [{ '@id': id }], status: 'not_affected' }],
    });

  it('are read from the default branch, and never from the tree', async () => {
    const { directory } = await bed.subjects.image(alpineTree('1.2.5-r0'));
    const source = bed.subjects.source({ '.trivyignore': 'CVE-2026-70001\n', 'a.vex.json': vex('pkg:oci/app') });
    const inputs = { image: 'ghcr.io/acme/app', layout: directory };
    const missing = await bed.scan({ inputs: { ...inputs, 'trivy-ignorefile': '.trivyignore' }, source });
    expect(errorCode(missing)).toBe('input-invalid');
    bed.world.github.setFile('acme/app', '.trivyignore', 'CVE-2026-70001\n');
    const ignored = await bed.scan({ inputs: { ...inputs, 'trivy-ignorefile': '.trivyignore' } });
    expect(errorCode(ignored)).toBeUndefined();
    expect(ignored.summary).toContain('never expires');
  });

  it('are OpenVEX statements about this image, with who said so', async () => {
    const { directory } = await bed.subjects.image(alpineTree('1.2.5-r0'));
    const inputs = { image: 'ghcr.io/acme/app', layout: directory, vex: 'app.vex.json' };
    bed.world.github.setFile('acme/app', 'app.vex.json', vex('pkg:oci/app?repository_url=ghcr.io/acme/app'));
    const excused = await bed.scan({ inputs });
    expect(errorCode(excused)).toBeUndefined();
    expect(excused.summary).toContain('Acme Security');
    bed.world.github.setFile('acme/app', 'app.vex.json', vex('pkg:oci/app?repository_url=ghcr.io/evil/app'));
    expect(errorCode(await bed.scan({ inputs }))).toBe('scan-failed');
    bed.world.github.setFile('acme/app', 'app.vex.json', '{}');
    expect(errorCode(await bed.scan({ inputs }))).toBe('policy-invalid');
  });
});
