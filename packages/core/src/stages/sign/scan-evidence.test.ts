import { describe, expect, it } from 'vitest';
import { digestOf } from '../../oci/digest.ts';
import { OCI_MANIFEST } from '../../oci/media-types.ts';
import type { Verdict } from '../scan/verdict.ts';
import type { ImageShape } from '../verify/image.ts';
import { assertAbout } from './scan-evidence.ts';

const digest = digestOf(Buffer.from('a chart, say'));
const layer = { mediaType: 'text/plain', digest: digestOf(Buffer.from('one file')), size: 8 };
const root = { mediaType: OCI_MANIFEST, digest, size: 1 };
const artifact: ImageShape = { root, platforms: [], attestations: [], files: [layer] };
const files = [{ name: 'a.txt', digest: layer.digest }];
const verdict = (changed: object) =>
  ({
    subject: { digest, platforms: [], files },
    tools: [{ name: 'trivy', version: '1' }],
    ...changed,
  }) as unknown as Verdict;
const refused = (code: string) => expect.objectContaining({ code }) as Error;

describe('an artifact that is no image', () => {
  it('is signed after a scan for secrets, without a vulnerability result', () => {
    expect(() => assertAbout(verdict({}), artifact)).not.toThrow();
  });

  it.each([
    ['by another scanner alone', { tools: [{ name: 'osv-scanner', version: '1' }] }],
    ['of something else than its files', { subject: { digest, platforms: [] } }],
  ])('is not signed after a scan %s', (_name, changed) => {
    expect(() => assertAbout(verdict(changed), artifact)).toThrow(refused('verdict-secrets'));
  });

  it('is not signed on a verdict that leaves out one of its files', () => {
    const two = { ...artifact, files: [layer, { ...layer, digest: digestOf(Buffer.from('another file')) }] };
    expect(() => assertAbout(verdict({}), two)).toThrow(refused('verdict-mismatch'));
  });

  it('is not signed on the verdict of another', () => {
    const other = { subject: { digest: digestOf(Buffer.from('other')), platforms: [] } };
    expect(() => assertAbout(verdict(other), artifact)).toThrow(refused('verdict-mismatch'));
  });
});
