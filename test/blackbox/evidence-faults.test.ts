import { rename } from 'node:fs/promises';
import path from 'node:path';
import { type Digest, digestOf } from '@plimsoll/core/oci/digest';
import { predicateName } from '@plimsoll/core/sigstore/predicates';
import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf, EvidenceWorld, reportOf } from '@plimsoll/testkit/evidence/evidence-world';
import type { ActionRun } from '@plimsoll/testkit/runner/run-action';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const HTML = { 'content-type': 'text/html' };
const ERROR = { errors: [{ code: 'UNKNOWN' }] };
/** Longer than anybody waits for. */
const MUCH_LATER = { 'retry-after': '3600' };

let bed: EvidenceWorld;
let signed: AttestedImage;

beforeAll(async () => {
  bed = await EvidenceWorld.start();
  signed = await pushAttestedImage(bed.repository, 'signed');
  await bed.sign(signed);
});
afterAll(() => bed.world.close());
afterEach(() => {
  bed.world.ghcr.front.intercept = undefined;
  bed.world.github.intercept = undefined;
});

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

function answering(route: RegExp, { status, headers = {}, body = ERROR }: Answer): void {
  bed.world.ghcr.front.intercept = ({ path: asked }) => (route.test(asked) ? { status, headers, body } : undefined);
}

describe('a registry whose list of referrers', () => {
  it.each<[string, Answer, string | undefined]>([
    ['does not exist', { status: 404 }, undefined],
    ['is on a page of another host', { status: 303, headers: { location: 'https://example.com/packages' } }, undefined],
    ['is a web page', { status: 200, headers: HTML, body: '<html></html>' }, undefined],
    ['wants another login', { status: 401 }, 'verify-unreachable'],
    ['is forbidden', { status: 403 }, 'verify-unreachable'],
    ['is throttled', { status: 429, headers: MUCH_LATER }, 'verify-unreachable'],
    ['is broken', { status: 500 }, 'verify-unreachable'],
  ])('%s is never taken for an empty one', async (_name, answer, code) => {
    answering(/\/referrers\//, answer);
    expect(codeOf(await bed.verify(bed.at(signed.digest)))).toBe(code);
  });

  it('holds bundles that are throttled is unreachable', async () => {
    answering(/\/blobs\//, { status: 429, headers: MUCH_LATER });
    expect(codeOf(await bed.verify(bed.at(signed.digest)))).toBe('verify-unreachable');
  });
});

describe('a fallback tag that cosign copy left an image at', () => {
  it('is no evidence, and signing writes a sound one', async () => {
    const built = await pushAttestedImage(bed.repository, 'poisoned');
    const tag = fallbackTag(built.digest);
    await bed.repository.putManifest(await bed.repository.manifest(built.digest), tag);
    expect(codeOf(await bed.verify(bed.at(built.digest)))).toBe('verify-unsigned');
    expect(codeOf(await bed.sign(built))).toBeUndefined();
    expect(codeOf(await bed.verify(bed.at(built.digest)))).toBeUndefined();
    await bed.consumer(`cosign verify ${bed.trustFlags()} ${bed.at(built.digest)}`);
  });
});

describe('evidence that another tool dropped from the fallback tag', () => {
  /** What a writer does that read the list before us and writes it after us. */
  const overwrite = async (subject: Digest, keep: (entry: { artifactType?: string }, index: number) => boolean) => {
    const tag = fallbackTag(subject);
    const { bytes, mediaType } = await bed.connect().manifest(tag);
    const index = JSON.parse(bytes.toString()) as { manifests: { artifactType?: string }[] };
    const rest = Buffer.from(JSON.stringify({ ...index, manifests: index.manifests.filter(keep) }));
    await bed.connect().putManifest({ mediaType, digest: digestOf(rest), bytes: rest }, tag);
  };
  const namesLost = (run: ActionRun) =>
    new Set(
      reportOf(run).lost.map(({ subjectName, predicateType }) => `${subjectName}: ${predicateName(predicateType)}`),
    );

  it('is named by verify, and put back by sign from the bundles that it kept', async () => {
    const built = await pushAttestedImage(bed.repository, 'dropped');
    await bed.sign(built);
    await overwrite(built.digest, () => false);
    const run = await bed.verify(bed.at(built.digest));
    expect(codeOf(run)).toBe('verify-unsigned');
    expect(run.outputs).toMatchObject({ outcome: 'unsigned', reasons: 'lost' });
    const all = ['signature', 'slsaprovenance1', 'spdx', 'verdict', 'vuln'].map((name) => `index: ${name}`);
    expect([...namesLost(run)]).toEqual(expect.arrayContaining(all));
    const again = await bed.sign(built);
    expect(codeOf(again)).toBeUndefined();
    const repaired = await bed.verify(bed.at(built.digest));
    expect(codeOf(repaired)).toBeUndefined();
    expect(namesLost(repaired)).toEqual(new Set());
    await bed.consumer(`cosign verify ${bed.trustFlags()} ${bed.at(built.digest)}`);
  });

  it('is a warning where everything that is asked for is still there', async () => {
    const built = await pushAttestedImage(bed.repository, 'thinned');
    await bed.sign(built);
    const platform = built.platforms[0]?.digest ?? built.digest;
    await overwrite(platform, (_entry, index) => index === 0);
    const run = await bed.verify(bed.at(built.digest));
    expect(codeOf(run)).toBeUndefined();
    expect(namesLost(run).size).toBeGreaterThan(0);
    expect(run.annotations.some(({ level, message }) => level === 'warning' && message.includes('linux/amd64'))).toBe(
      true,
    );
  });
});

describe('an upload that fails after the signing', () => {
  it('leaves the bundles, and the next run attaches them instead of signing again', async () => {
    const built = await pushAttestedImage(bed.repository, 'interrupted');
    bed.world.ghcr.front.intercept = ({ method, path: asked }) =>
      method === 'PUT' && asked.includes('/manifests/') ? { status: 403, body: ERROR } : undefined;
    const failed = await bed.sign(built);
    expect(codeOf(failed)).toBe('registry-denied');
    const bundles = path.join(bed.world.directory, 'from-the-run-before');
    await rename(failed.outputs['bundles'] ?? '', bundles);
    bed.world.ghcr.front.intercept = undefined;
    const again = await bed.sign(built, { inputs: { bundles } });
    expect(codeOf(again)).toBeUndefined();
    expect(again.shown).toContain('0 signed, 12 there already');
    expect(codeOf(await bed.verify(bed.at(built.digest)))).toBeUndefined();
  });
});

describe('a token endpoint that', () => {
  it.each<[string, Answer]>([
    ['refuses', { status: 403, body: { message: 'Resource not accessible by integration' } }],
    ['answers with a web page', { status: 200, headers: HTML, body: '<html>Unicorn!</html>' }],
    ['gives an empty token', { status: 200, body: { value: '' } }],
  ])('%s stops the signing before anything is logged', async (name, { status, headers = {}, body }) => {
    const built = await pushAttestedImage(bed.repository, `token ${name}`);
    bed.world.github.intercept = ({ path: asked }) =>
      asked.startsWith('/oidc/token') ? { status, headers, body } : undefined;
    const run = await bed.sign(built);
    expect(codeOf(run)).toBe('oidc-failed');
    expect(await bed.connect().referrers(built.digest)).toEqual([]);
  });
});

function fallbackTag(digest: Digest): string {
  return digest.replace(':', '-');
}
