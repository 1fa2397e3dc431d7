import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { PromotionBed } from '@plimsoll/testkit/faults/promotion-bed';
import { runAction } from '@plimsoll/testkit/runner/run-action';
import { DEFAULT_SUBJECT } from '@plimsoll/testkit/world/identity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const TYPE = 'https://slsa.dev/verification_summary/v1';
let bed: PromotionBed;

beforeAll(async () => {
  bed = await PromotionBed.start();
});
afterAll(() => bed.close());

const promote = (name: string, more: Readonly<Record<string, string>> = {}) =>
  bed.promote(name, { vsa: 'true', 'signing-config': bed.bed.world.sigstore.signingConfig, ...more });

interface Summary {
  readonly predicate: {
    readonly verifier: { readonly id: string };
    readonly policy: { readonly digest: { readonly sha256: string } };
    readonly resourceUri: string;
    readonly verificationResult: string;
    readonly verifiedLevels: readonly string[];
    readonly inputAttestations: readonly unknown[];
  };
}

/** What a consumer reads with cosign. */
async function summaryAt(image: string): Promise<readonly Summary[]> {
  const out = await bed.bed.consumer(
    `cosign verify-attestation --type ${TYPE} ${bed.bed.trustFlags()} ${image}@${bed.good.digest}`,
  );
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { payload: string });
  return lines.map(({ payload }) => JSON.parse(Buffer.from(payload, 'base64').toString()) as Summary);
}

describe('a verification summary', () => {
  it('is at the destination and at the source, signed by the workflow that promoted', async () => {
    const step = await promote('acme/summed');
    expect(codeOf(step), step.log).toBeUndefined();
    const { quay } = bed.bed.world;
    const [summary, ...others] = await summaryAt(`${quay.host}/acme/summed`);
    expect(others).toEqual([]);
    expect(summary?.predicate).toMatchObject({
      verifier: { id: DEFAULT_SUBJECT },
      verificationResult: 'PASSED',
      resourceUri: `oci://${quay.host}/acme/summed`,
      verifiedLevels: [expect.stringMatching(/^SLSA_BUILD_LEVEL_[12]$/) as string],
      policy: { digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string } },
    });
    expect(summary?.predicate.inputAttestations.length).toBeGreaterThan(2);
    expect(await summaryAt(bed.bed.image)).toHaveLength(1);
    const before = bed.quay.writes('acme/summed').length;
    expect(codeOf(await promote('acme/summed'))).toBeUndefined();
    expect(bed.quay.writes('acme/summed')).toHaveLength(before);
    expect(bed.leaks(step)).toEqual([]);
  });

  it('is not made on a dry run, nor without being asked for', async () => {
    const signed = () => bed.bed.world.github.requests.filter(({ path }) => path.includes('audience=')).length;
    const before = signed();
    expect(before).toBeGreaterThan(0);
    expect(codeOf(await promote('acme/planned', { 'dry-run': 'true' }))).toBeUndefined();
    expect(codeOf(await promote('acme/unasked', { vsa: '' }))).toBeUndefined();
    expect(signed()).toBe(before);
  });

  it.each(['verify-signature', 'verify-source-signature'])('is not made of what %s leaves out', async (name) => {
    expect(codeOf(await promote('acme/unverified', { [name]: 'false' }))).toBe('input-conflict');
  });

  it('needs a job that may sign, and says so before anything is written', async () => {
    const { world } = bed.bed;
    const inputs = { ...bed.inputs('acme/unable'), vsa: 'true' };
    const env = { ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' };
    const step = await runAction({ action: 'promote', world, inputs, env });
    expect(codeOf(step), step.log).toBe('oidc-unavailable');
    expect(bed.quay.requests('acme/unable')).toEqual([]);
  });
});

describe('a map of channels', () => {
  it('says what a channel is, in the media types that were asked for, and is signed', async () => {
    const { host } = bed.bed.world.ghcr;
    const step = await bed.promote('', {
      destination: '',
      tags: '',
      channel: 'mapped',
      version: '4.5.6',
      'channel-map': `${host}/acme/releases:channels`,
      'channel-map-type': 'application/vnd.acme.channels+json',
      'signing-config': bed.bed.world.sigstore.signingConfig,
      'dest-username': '',
      'dest-password': '',
    });
    expect(codeOf(step), step.log).toBeUndefined();
    const releases = bed.bed.connect(`${host}/acme/releases`);
    const map = await releases.manifest('channels');
    expect(JSON.parse(map.bytes.toString())).toMatchObject({ artifactType: 'application/vnd.acme.channels+json' });
    await bed.bed.consumer(`cosign verify ${bed.bed.trustFlags()} ${host}/acme/releases@${map.digest}`);
    expect(step.log).toContain(map.digest);
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['without a tag', { 'channel-map': 'registry.example/acme/releases', channel: 'x' }, 'input-invalid'],
    ['without a channel', { 'channel-map': 'registry.example/acme/releases:channels' }, 'input-conflict'],
    [
      'of no media type',
      { 'channel-map': 'registry.example/acme/releases:channels', channel: 'x', 'channel-map-type': 'json' },
      'input-invalid',
    ],
  ])('%s is refused', async (_what, more, code) => {
    expect(codeOf(await bed.promote('acme/unmapped', more))).toBe(code);
  });
});
