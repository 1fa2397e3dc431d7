import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createHttp } from '@plimsoll/core/runtime/http';
import type { Digest } from '@plimsoll/core/oci/digest';
import { attachReferrers } from '@plimsoll/core/oci/referrers';
import { run } from '@plimsoll/core/runtime/exec';
import { silentLog } from '@plimsoll/core/runtime/log';
import { BUNDLE_MEDIA_TYPE, bundleAnnotations } from '@plimsoll/core/sigstore/bundle';
import { PREDICATE_TYPES } from '@plimsoll/core/sigstore/predicates';
import { encodeStatement } from '@plimsoll/core/sigstore/statement';
import { requestIdToken } from '@plimsoll/core/github/oidc';
import { type Attestation, attestStatement } from '@plimsoll/core/tools/cosign';
import type { ToolPorts } from '@plimsoll/core/tools/tool-ports';
import { connect, indexOf, manifestOf, store } from '@plimsoll/testkit/registry/fixtures';
import { type MemoryRegistry, startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const IDENTITY = /^https:\/\/github\.com\/acme\/app\/\.github\/workflows\/.+@refs\/heads\/main$/;

let world: World;
let registry: MemoryRegistry;
let ports: ToolPorts;
let signing: Pick<Attestation, 'identityToken' | 'signingConfig' | 'trustedRoot'>;

beforeAll(async () => {
  world = await startWorld({ parts: ['sigstore'] });
  // Like GHCR: without a referrers API everything has to be found through the fallback tag.
  registry = await startMemoryRegistry({ referrersApi: false });
  const binary = { name: 'cosign', version: '3.1.3', path: world.tools.cosign ?? '' } as const;
  ports = { toolbox: { get: async () => binary }, log: silentLog, env: {}, tempDir: world.directory };
  await using http = createHttp();
  const identityToken = await requestIdToken(world.env, 'sigstore', { http, masker: { mask() {} } });
  const { signingConfig, trustedRoot } = world.sigstore;
  signing = { identityToken, signingConfig, trustedRoot };
});
afterAll(async () => {
  await registry.stop();
  await world.close();
});

const attest = (subjects: readonly Digest[], predicateType: string, predicate: unknown = {}) =>
  attestStatement({ ...ports, ...signing, statement: encodeStatement({ subjects, predicateType, predicate }) });

/** Runs the cosign that is not ours to have the last word on. */
async function cosign(command: string, digest: Digest, ...flags: readonly string[]) {
  const trust = ['--trusted-root', world.sigstore.trustedRoot, '--certificate-oidc-issuer', world.sigstore.issuer];
  const args = [command, ...trust, '--certificate-identity-regexp', IDENTITY.source, ...flags];
  const env = { HOME: world.directory };
  return run(world.tools.cosign ?? '', [...args, `${registry.host}/acme/app@${digest}`], {
    env,
    acceptExitCodes: [0, 1, 10],
  });
}

describe('attestStatement with a real Sigstore', { timeout: 60_000 }, () => {
  it('makes one bundle about an index and a platform that cosign accepts on both', async () => {
    const [platform, other] = [manifestOf('amd64'), manifestOf('arm64')];
    const index = indexOf(platform, other);
    store(registry, [platform, other, index]);
    const subjects = [index.digest, platform.digest];
    const [signature, sbom, provenance] = [
      PREDICATE_TYPES.signature,
      'https://spdx.dev/Document',
      'https://slsa.dev/provenance/v1',
    ];
    const types = [signature, sbom, provenance];
    const bundles = await Promise.all(types.map((type) => attest(subjects, type, { spdxVersion: 'SPDX-2.3' })));
    const items = bundles.map((bytes, at) => ({
      artifactType: BUNDLE_MEDIA_TYPE,
      annotations: bundleAnnotations(types[at] ?? '', new Date(0)),
      blobs: [{ mediaType: BUNDLE_MEDIA_TYPE, bytes }],
    }));
    const { repository } = connect(registry);
    for (const { digest, mediaType, bytes } of [index, platform]) {
      await attachReferrers(repository, { digest, mediaType, size: bytes.length }, items);
    }
    for (const subject of subjects) {
      expect((await cosign('verify', subject)).exitCode).toBe(0);
      expect((await cosign('verify-attestation', subject, '--type', 'spdxjson')).exitCode).toBe(0);
      expect((await cosign('verify-attestation', subject, '--type', 'slsaprovenance1')).exitCode).toBe(0);
      expect((await cosign('verify-attestation', subject, '--type', 'vuln')).exitCode).toBe(1);
    }
    expect((await cosign('verify', other.digest)).exitCode).toBe(10);
  });

  it('signs the bytes as they are', async () => {
    const statement = encodeStatement({
      subjects: [manifestOf('x').digest],
      predicateType: 'https://x/y',
      predicate: { b: 1, a: 2 },
    });
    const bundle = JSON.parse((await attestStatement({ ...ports, ...signing, statement })).toString('utf8')) as {
      mediaType: string;
      dsseEnvelope: { payload: string };
      verificationMaterial: object;
    };
    expect(bundle.mediaType).toBe(BUNDLE_MEDIA_TYPE);
    expect(Buffer.from(bundle.dsseEnvelope.payload, 'base64')).toEqual(statement);
    expect(Object.keys(bundle.verificationMaterial)).toEqual([
      'certificate',
      'tlogEntries',
      'timestampVerificationData',
    ]);
  });

  it('says that the token is the matter', async () => {
    const statement = encodeStatement({
      subjects: [manifestOf('x').digest],
      predicateType: 'https://x/y',
      predicate: {},
    });
    const forged = `${(signing.identityToken ?? '').split('.').slice(0, 2).join('.')}.c2ln`;
    const attestation = { ...ports, ...signing, statement, identityToken: forged };
    await expect(attestStatement(attestation)).rejects.toMatchObject({ code: 'oidc-failed' });
  });

  it('says that the log or the authority is the matter', async () => {
    const statement = encodeStatement({
      subjects: [manifestOf('x').digest],
      predicateType: 'https://x/y',
      predicate: {},
    });
    const config = await readFile(world.sigstore.signingConfig, 'utf8');
    const signingConfig = path.join(world.directory, 'nowhere.json');
    await writeFile(signingConfig, config.replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'http://127.0.0.1:1'));
    await expect(attestStatement({ ...ports, ...signing, statement, signingConfig })).rejects.toMatchObject({
      code: 'sign-failed',
    });
  });
});
