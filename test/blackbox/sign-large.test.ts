import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf, EvidenceWorld } from '@plimsoll/testkit/evidence/evidence-world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const TYPE = 'https://example.com/large/v1';
const BYTES = 20 * 1024 * 1024;
let bed: EvidenceWorld;
let attestations: string;

beforeAll(async () => {
  bed = await EvidenceWorld.start();
  const file = path.join(bed.world.directory, 'large.json');
  const packages = Array.from({ length: BYTES / 1024 }, (_unused, index) => ({ index, text: 'x'.repeat(1000) }));
  writeFileSync(file, JSON.stringify({ packages }));
  attestations = `${TYPE}=${file}`;
});
afterAll(() => bed.world.close());

/** As the public instance is today: its log is sent whole statements. */
function onlyRekor1(): string {
  const config = JSON.parse(readFileSync(bed.world.sigstore.signingConfig, 'utf8')) as { rekorTlogUrls: object[] };
  const rekorTlogUrls = config.rekorTlogUrls.map((service) => ({ ...service, majorApiVersion: 1 }));
  const file = path.join(bed.world.directory, 'rekor-1.json');
  writeFileSync(file, JSON.stringify({ ...config, rekorTlogUrls }));
  return file;
}

describe('a predicate of 20 MB', () => {
  let built: AttestedImage;
  beforeAll(async () => {
    built = await pushAttestedImage(bed.repository, 'large');
  });

  it('is refused before anything is signed where the log would be sent the whole of it', async () => {
    const run = await bed.sign(built, { inputs: { attestations, 'signing-config': onlyRekor1() } });
    expect(codeOf(run)).toBe('log-too-small');
    expect(await bed.connect().referrers(built.digest)).toEqual([]);
  });

  it('is logged as a hash by a Rekor of version 2, and cosign and verify accept it', async () => {
    expect(codeOf(await bed.sign(built, { inputs: { attestations } }))).toBeUndefined();
    const printed = await bed.consumer(
      `cosign verify-attestation --type ${TYPE} ${bed.trustFlags()} ${bed.at(built.digest)}`,
    );
    expect(printed.length).toBeGreaterThan(BYTES);
    expect(codeOf(await bed.verify(bed.at(built.digest)))).toBeUndefined();
  });
});
