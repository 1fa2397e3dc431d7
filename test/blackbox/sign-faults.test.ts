import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf, EvidenceWorld, type StepOptions } from '@plimsoll/testkit/evidence/evidence-world';
import { SigstoreFront } from '@plimsoll/testkit/evidence/sigstore-front';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const ERROR = { errors: [{ code: 'UNKNOWN' }] };
const BUNDLES = 12;

let bed: EvidenceWorld;
let sigstore: SigstoreFront;
let built: AttestedImage;
let images = 0;

beforeAll(async () => {
  bed = await EvidenceWorld.start();
  sigstore = await SigstoreFront.start(bed.world);
});
afterAll(async () => {
  sigstore.close();
  await bed.world.close();
});
beforeEach(async () => {
  bed.world.ghcr.front.intercept = undefined;
  sigstore.reset();
  built = await pushAttestedImage(bed.repository, `faults ${(images += 1)}`);
});

const sign = ({ inputs = {}, env = {} }: StepOptions = {}) =>
  bed.sign(built, { inputs: { 'signing-config': sigstore.signingConfig, ...inputs }, env });
const tokens = () => bed.world.github.requests.filter(({ path: asked }) => asked.startsWith('/oidc/token')).length;
const nothingAttached = async () => expect(await bed.connect().referrers(built.digest)).toEqual([]);

describe('a run', () => {
  it('asks for one token, one certificate and one entry for each bundle, and writes each fallback index once', async () => {
    const before = tokens();
    expect(codeOf(await sign())).toBeUndefined();
    expect(tokens() - before).toBe(1);
    expect([sigstore.count('fulcio'), sigstore.count('rekor'), sigstore.count('tsa')]).toEqual([
      BUNDLES,
      BUNDLES,
      BUNDLES,
    ]);
    for (const digest of [built.digest, ...built.platforms.map((each) => each.digest)]) {
      const tag = `/manifests/${digest.replace(':', '-')}`;
      const { requests } = bed.world.ghcr.front;
      expect(requests.filter(({ method, path: asked }) => method === 'PUT' && asked.endsWith(tag))).toHaveLength(1);
    }
  });

  it('talks to nobody when all is there already', async () => {
    await sign();
    sigstore.reset();
    expect(codeOf(await sign())).toBeUndefined();
    expect(sigstore.requests).toEqual([]);
  });
});

describe('a transparency log that answers 502', () => {
  it.each(['fulcio', 'rekor', 'tsa'] as const)('once, at %s, is asked again', async (service) => {
    let failed = 0;
    sigstore.intercept = (request) => (request.service === service && (failed += 1) === 1 ? 502 : undefined);
    expect(codeOf(await sign())).toBeUndefined();
    expect(failed).toBe(BUNDLES + 1);
    expect(codeOf(await bed.verify(bed.at(built.digest)))).toBeUndefined();
  });

  it('all the time makes the step fail, and nothing is attached', async () => {
    sigstore.intercept = ({ service }) => (service === 'rekor' ? 502 : undefined);
    expect(codeOf(await sign())).toBe('sign-failed');
    await nothingAttached();
  });
});

describe('nothing reaches Sigstore', () => {
  it.each<[string, () => void, string]>([
    [
      'when the push is denied',
      () => {
        bed.world.ghcr.front.intercept = ({ method }) =>
          method === 'POST' ? { status: 403, body: { errors: [{ code: 'DENIED' }] } } : undefined;
      },
      'registry-denied',
    ],
    [
      'when the image cannot be read',
      () => {
        bed.world.ghcr.front.intercept = ({ path: asked }) =>
          asked.includes('/manifests/') ? { status: 500, body: ERROR } : undefined;
      },
      'registry-unavailable',
    ],
    [
      'when the referrers cannot be read',
      () => {
        bed.world.ghcr.front.intercept = ({ path: asked }) =>
          asked.includes('/referrers/') ? { status: 403, body: ERROR } : undefined;
      },
      'registry-denied',
    ],
  ])('%s', async (_name, breakIt, code) => {
    breakIt();
    expect(codeOf(await sign())).toBe(code);
    expect(sigstore.requests).toEqual([]);
  });
});

describe('a registry that throttles the upload of the bundles', () => {
  const throttle = (times: number, retryAfter: string) => {
    let left = times;
    bed.world.ghcr.front.intercept = ({ method, path: asked }) =>
      sigstore.count('rekor') > 0 && method === 'PUT' && asked.includes('/blobs/') && (left -= 1) >= 0
        ? { status: 429, headers: { 'retry-after': retryAfter }, body: ERROR }
        : undefined;
  };

  it('for a moment is waited for', async () => {
    throttle(3, '0');
    expect(codeOf(await sign())).toBeUndefined();
    expect(codeOf(await bed.verify(bed.at(built.digest)))).toBeUndefined();
  });

  it('for an hour has a code, and the bundles are kept', async () => {
    throttle(1000, '3600');
    const run = await sign();
    expect(codeOf(run)).toBe('registry-rate-limited');
    bed.world.ghcr.front.intercept = undefined;
    sigstore.reset();
    const again = await sign({ inputs: { bundles: run.outputs['bundles'] ?? '' } });
    expect(codeOf(again)).toBeUndefined();
    expect(sigstore.requests).toEqual([]);
  });
});

describe('a runner whose clock is wrong', () => {
  it.each([
    ['fast', 86_400_000],
    ['slow', -86_400_000],
  ])('by a day, %s, signs what everybody accepts: the time is not its own', async (_name, offset) => {
    const shifted = `const D=Date;globalThis.Date=class extends D{constructor(...a){if(a.length)super(...a);else super(D.now()+${offset})}static now(){return D.now()+${offset}}}`;
    const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(shifted)}` };
    const run = await sign({ env });
    expect(codeOf(run)).toBeUndefined();
    await bed.consumer(run.outputs['verify-command'] ?? '');
    expect(codeOf(await bed.verify(bed.at(built.digest)))).toBeUndefined();
  });
});
