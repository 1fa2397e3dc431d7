import { describe, expect, it } from 'vitest';
import { type Digest, digestOf, hexOf } from '../../oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../oci/media-types.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { ImageShape } from '../verify/image.ts';
import { type SigningRun, buildRunOf } from './build-run.ts';
import type { BuildStatement } from './buildkit.ts';
import { claimKey } from './claim-key.ts';
import { describeBuild } from './describe-build.ts';

const amd64 = digestOf(Buffer.from('amd64'));
const part = (name: string, digest: Digest) => ({ name, descriptor: { mediaType: OCI_MANIFEST, digest, size: 1 } });
const image: ImageShape = {
  root: { mediaType: OCI_INDEX, digest: digestOf(Buffer.from('index')), size: 1 },
  platforms: [part('linux/amd64', amd64)],
  attestations: [],
};
const commit = 'c'.repeat(40);
const started: SigningRun = {
  repository: 'acme/app',
  ref: 'refs/heads/main',
  sha: commit,
  serverUrl: 'https://github.com',
  runUrl: 'https://github.com/acme/app/actions/runs/7',
  runAttempt: 1,
  workflowRef: 'acme/app/.github/workflows/ci.yml@refs/heads/main',
  eventName: 'push',
  event: { repository: { id: 11, owner: { id: 22 } } },
};
const shared = 'https://github.com/acme/org-infra/.github/workflows/publish.yml@refs/tags/v1';
const signer = { issuer: 'https://token', identity: shared, runnerEnvironment: 'github-hosted' };

const spdx = { SPDXID: 'SPDXRef-DOCUMENT', packages: [{ SPDXID: 'SPDXRef-a', name: 'a', versionInfo: '1' }] };
const said = (predicateType: string, predicate: unknown): BuildStatement => ({
  platform: amd64,
  statement: { subjects: [amd64], predicateType, predicate },
});
const provenance = (runDetails: object = {}) =>
  said(PREDICATE_TYPES.slsaprovenance1, {
    buildDefinition: {
      buildType: 'https://buildkit',
      externalParameters: { request: { frontend: 'dockerfile.v0' } },
      resolvedDependencies: [{ uri: 'pkg:docker/busybox', digest: { sha256: 'a'.repeat(64) } }],
    },
    runDetails: { builder: { id: '' }, metadata: { invocationId: 'of buildkit', startedOn: 'then' }, ...runDetails },
  });

function described(built: readonly BuildStatement[], run: Partial<SigningRun> = {}) {
  const all = { image, repository: 'ghcr.io/acme/app', run: buildRunOf({ ...started, ...run }, signer) };
  return describeBuild(built, all).map(({ statement }) => statement);
}
const revision = (text: string) => ({ metadata: { buildkit_metadata: { vcs: { revision: text } } } });

describe('provenance', () => {
  it('is completed with the workflow, the commit, the run and the builder', () => {
    const [completed] = described([provenance()]);
    expect(completed?.predicate).toEqual({
      buildDefinition: {
        buildType: 'https://buildkit',
        externalParameters: {
          request: { frontend: 'dockerfile.v0' },
          workflow: {
            ref: 'refs/heads/main',
            repository: 'https://github.com/acme/app',
            path: '.github/workflows/ci.yml',
          },
        },
        internalParameters: {
          github: {
            event_name: 'push',
            repository_id: '11',
            repository_owner_id: '22',
            runner_environment: 'github-hosted',
          },
        },
        resolvedDependencies: [
          { uri: 'pkg:docker/busybox', digest: { sha256: 'a'.repeat(64) } },
          { uri: 'git+https://github.com/acme/app@refs/heads/main', digest: { gitCommit: commit } },
        ],
      },
      runDetails: {
        builder: { id: shared },
        metadata: {
          startedOn: 'then',
          invocationId: 'https://github.com/acme/app/actions/runs/7/attempts/1',
          buildkit_invocationId: 'of buildkit',
        },
      },
    });
  });

  it('keeps the builder that BuildKit names', () => {
    const [completed] = described([provenance({ builder: { id: 'https://builder' } })]);
    expect(completed?.predicate).toHaveProperty('runDetails.builder.id', 'https://builder');
  });

  it('of another commit is left as it is', () => {
    const other = provenance(revision('d'.repeat(40)));
    expect(described([other])).toEqual([other.statement]);
    const [same] = described([provenance(revision(`${commit}-dirty`))]);
    expect(same?.predicate).toHaveProperty('runDetails.builder.id', shared);
  });

  it('of an earlier attempt need not be made again, and that of another build must', () => {
    const [first, second] = [described([provenance()]), described([provenance()], { runAttempt: 2 })];
    const other = described([provenance({ metadata: { startedOn: 'later' } })]);
    const keys = [first, second, other].map(([statement]) => (statement === undefined ? '' : claimKey(statement)));
    expect(first).not.toEqual(second);
    expect(keys[0]).toBe(keys[1]);
    expect(keys[0]).not.toBe(keys[2]);
  });

  it('of version 0.2 is left as it is', () => {
    const old = said(PREDICATE_TYPES.slsaprovenance02, { builder: { id: 'x' } });
    expect(described([old])).toEqual([old.statement]);
  });
});

describe('SBOMs', () => {
  it('are said as CycloneDX too, and listed by the bytes that build hands out', () => {
    const statements = described([provenance(), said(PREDICATE_TYPES.spdx, spdx)]);
    expect(statements.map(({ predicateType }) => predicateType)).toEqual([
      PREDICATE_TYPES.slsaprovenance1,
      PREDICATE_TYPES.spdx,
      PREDICATE_TYPES.cyclonedx,
    ]);
    const sha256 = (index: number) => hexOf(digestOf(Buffer.from(JSON.stringify(statements[index]?.predicate))));
    expect(statements[0]?.predicate).toHaveProperty('runDetails.byproducts', [
      { name: 'sbom-linux-amd64.spdx.json', mediaType: 'application/spdx+json', digest: { sha256: sha256(1) } },
      { name: 'sbom-linux-amd64.cdx.json', mediaType: 'application/vnd.cyclonedx+json', digest: { sha256: sha256(2) } },
    ]);
  });

  it('in CycloneDX that the build made are not made again', () => {
    const own = said(PREDICATE_TYPES.cyclonedx, { bomFormat: 'CycloneDX' });
    expect(described([said(PREDICATE_TYPES.spdx, spdx), own])).toHaveLength(2);
  });
});
