import { errorCode, reportOf, ScanWorld } from '@plimsoll/testkit/scan/scan-world';
import { alpineTree, packageLock, PRIVATE_KEY } from '@plimsoll/testkit/scan/subjects';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

let bed: ScanWorld;

beforeAll(async () => {
  bed = await ScanWorld.start();
});
afterAll(() => bed.world.close());
afterEach(() => bed.policy(''));

describe('inputs', () => {
  const digest = `sha256:${'a'.repeat(64)}`;

  it.each([
    ['nothing to scan', {}, 'input-missing'],
    ['a repository alone', { image: 'ghcr.io/acme/app' }, 'digest-required'],
    ['a layout and a digest', { layout: 'x', image: 'ghcr.io/acme/app', digest }, 'input-conflict'],
    ['two digests', { image: `ghcr.io/acme/app@${digest}`, digest: `sha256:${'b'.repeat(64)}` }, 'input-conflict'],
    ['evidence for a layout', { layout: 'x', attest: 'true' }, 'input-conflict'],
    ['a digest that is none', { image: 'ghcr.io/acme/app', digest: 'sha256:abc' }, 'digest-invalid'],
    ['a source that is not there', { layout: 'x', source: 'nowhere' }, 'file-unreadable'],
    ['a layout that is not there', { layout: 'nowhere' }, 'layout-invalid'],
    ['a database that is no URL', { layout: 'x', 'osv-db': 'osv' }, 'input-invalid'],
    ['an unknown input', { layout: 'x', sevrity: 'HIGH' }, 'input-unknown'],
  ])('%s is refused', async (_name, inputs, code) => {
    const run = await bed.scan({ inputs });
    expect(errorCode(run)).toBe(code);
    expect(run.outputs['passed'] ?? 'false').toBe('false');
  });

  it('dry-run prints the plan and scans nothing', async () => {
    const { directory } = await bed.subjects.unsafeImage();
    const source = bed.subjects.source({ 'package-lock.json': packageLock('1.0.0') });
    const run = await bed.scan({ inputs: { layout: directory, 'dry-run': 'true' }, source });
    expect(errorCode(run)).toBeUndefined();
    expect(run.outputs['passed']).toBe('false');
    expect(run.summary).toContain('linux/arm64');
    expect(run.summary).toContain('package-lock.json');
  });
});

describe('switches', () => {
  it('leave out a scanner of the source, and say so in summary and verdict', async () => {
    const { directory } = await bed.subjects.safeImage();
    const source = bed.subjects.source({ 'package-lock.json': packageLock('1.0.0'), id_rsa: PRIVATE_KEY });
    const withoutOsv = await bed.scan({ inputs: { layout: directory, 'enable-osv': 'false' }, source });
    expect(reportOf(withoutOsv).findings.map(({ id }) => id)).toEqual(['private-key']);
    expect(withoutOsv.summary).toContain('osv-scanner on lockfiles');
    const withoutTrivy = await bed.scan({ inputs: { layout: directory, 'enable-trivy-source': 'false' }, source });
    expect(reportOf(withoutTrivy).findings.map(({ id }) => id)).toEqual(['CVE-2026-70002']);
    expect(withoutTrivy.outputs).toMatchObject({ passed: 'false', 'trivy-image-scan-passed': 'true', critical: '1' });
  });

  it('scan the source alone, without naming an image', async () => {
    const source = bed.subjects.source({ 'package-lock.json': packageLock('1.0.0') });
    const run = await bed.scan({ inputs: { 'enable-trivy-image': 'false' }, source });
    expect(errorCode(run)).toBe('scan-failed');
    expect(run.outputs).toMatchObject({ 'trivy-image-scan-passed': 'false', verdict: '', critical: '1' });
    expect(reportOf(run).image).toBe('acme/app');
    const fixed = bed.subjects.source({ 'package-lock.json': packageLock('1.0.1') });
    const good = await bed.scan({ inputs: { 'enable-trivy-image': 'false' }, source: fixed });
    expect(errorCode(good)).toBeUndefined();
    expect(good.outputs).toMatchObject({ passed: 'true', 'trivy-image-scan-passed': 'false' });
  });

  it('are refused when nothing is left', async () => {
    const inputs = { 'enable-trivy-image': 'false', 'enable-osv': 'false', 'enable-trivy-source': 'false' };
    expect(errorCode(await bed.scan({ inputs, source: bed.subjects.source({}) }))).toBe('input-conflict');
    const attest = { 'enable-trivy-image': 'false', attest: 'true' };
    expect(errorCode(await bed.scan({ inputs: attest, source: bed.subjects.source({}) }))).toBe('input-conflict');
  });
});

describe('trivy-severity', () => {
  it('takes the place of the defaults, and is in the digest of the policy', async () => {
    const { directory } = await bed.subjects.image(alpineTree('1.2.5-r0'));
    const strict = await bed.scan({ inputs: { layout: directory } });
    expect(errorCode(strict)).toBe('scan-failed');
    const lenient = await bed.scan({ inputs: { layout: directory, 'trivy-severity': 'CRITICAL' } });
    expect(errorCode(lenient)).toBeUndefined();
    expect(lenient.outputs).toMatchObject({ high: '1', 'trivy-image-scan-passed': 'true' });
    expect(reportOf(lenient).policyDigest).not.toBe(reportOf(strict).policyDigest);
    expect(lenient.summary).toContain('trivy-severity: critical');
  });

  it('only adds to a policy file', async () => {
    const { directory } = await bed.subjects.image(alpineTree('1.2.5-r0'));
    bed.policy('scan:\n  severity: [HIGH]\n');
    const inputs = { layout: directory, 'trivy-severity': 'CRITICAL' };
    expect(errorCode(await bed.scan({ inputs }))).toBe('scan-failed');
  });

  it('is refused with a word that is no severity', async () => {
    const run = await bed.scan({ inputs: { layout: 'x', 'trivy-severity': 'HIGH,BAD' } });
    expect(errorCode(run)).toBe('input-invalid');
  });
});
