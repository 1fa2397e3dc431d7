import { describe, expect, it } from 'vitest';
import type { Digest } from '../oci/digest.ts';
import { buildSummary } from './build-summary.ts';
import { type PipelineSummary, pipelineSummary } from './pipeline-summary.ts';
import { verifyCommands } from './verify-commands.ts';

const digest: Digest = `sha256:${'a'.repeat(64)}`;
const image = 'ghcr.io/acme/app';
const identity = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main';

describe('verifyCommands', () => {
  it('pin digest, identity and issuer exactly', () => {
    const types = ['https://sigstore.dev/cosign/sign/v1', 'https://spdx.dev/Document', 'https://example.test/x/v1'];
    const signer = `--certificate-oidc-issuer https://token.actions.githubusercontent.com --certificate-identity ${identity}`;
    expect(verifyCommands({ image, digest, identity, predicateTypes: types })).toEqual([
      `cosign verify ${signer} ${image}@${digest}`,
      `cosign verify-attestation --type spdx ${signer} ${image}@${digest}`,
      `cosign verify-attestation --type https://example.test/x/v1 ${signer} ${image}@${digest}`,
    ]);
  });

  it('name a trusted root that is not the public one, and quote for the shell', () => {
    const [command] = verifyCommands({
      image,
      digest,
      identity,
      predicateTypes: [],
      trustedRoot: "/tmp/it's a/root.json",
    });
    expect(command).toContain(`--trusted-root '/tmp/it'\\''s a/root.json' `);
  });
});

const run: PipelineSummary = {
  image,
  version: '1.2.3',
  digest,
  resumed: false,
  stages: [
    { stage: 'build', result: 'done', detail: '2 platforms', milliseconds: 2100 },
    { stage: 'scan', result: 'done', detail: 'pass' },
    { stage: 'publish', result: 'done', detail: '14.2 MB' },
    { stage: 'sign', result: 'done', detail: '' },
    { stage: 'verify', result: 'done', detail: '' },
  ],
  pullable: true,
  platforms: [{ platform: 'linux/amd64', digest, size: 1_500_000 }],
  tags: [{ name: '1.2.3', class: 'immutable', action: 'create' }],
  commands: ['cosign verify x'],
  policy: 'the defaults',
  scan: '## Scan passed',
};

describe('pipelineSummary', () => {
  it('tells of a new package who can see it, and how its commit is released', () => {
    const visibility = { is: 'private', settingsUrl: 'https://github.com/orgs/acme/packages/container/app/settings' };
    const text = pipelineSummary({ ...run, visibility, release: 'git tag -s v0.1.0' });
    expect(text).toContain('git tag -s v0.1.0');
    expect(text).toContain(`[the settings](${visibility.settingsUrl})`);
    expect(pipelineSummary(run)).not.toContain('Visibility');
  });

  it('says in the first line what came of it', () => {
    expect(pipelineSummary(run).split('\n')[0]).toBe(
      `## ✅ \`${image}\` 1.2.3 is published, signed, verified and tagged`,
    );
    expect(pipelineSummary({ ...run, tags: [] })).toMatch(/^.*is published by digest, signed and verified\n/);
    const unsigned = { ...run, stages: run.stages.slice(0, 3), commands: [] };
    expect(pipelineSummary({ ...unsigned, tags: [] })).toMatch(/^.*is published by digest\n/);
    expect(pipelineSummary(unsigned)).toMatch(/^.*is published and tagged without a signature\n/);
    expect(pipelineSummary({ ...run, stages: run.stages.slice(0, 2), tags: [] })).toMatch(/^.*nothing was uploaded\n/);
    expect(pipelineSummary({ ...run, stages: [], resumed: true })).toMatch(/^.*was published before; verified again\n/);
  });

  it('lists the tags that wait for a later job', () => {
    const pending = [{ name: 'main', class: 'moving' }] as const;
    expect(pipelineSummary({ ...run, pending })).toContain('| `main` | moving | – | pending |');
    expect(pipelineSummary({ ...run, tags: [], pending })).toMatch(/### Tags\n/);
    expect(pipelineSummary(run)).not.toContain('ending');
  });

  it('says how to pull what is there, signed or not, and nothing of what no engine takes', () => {
    const pull = `docker pull ${image}@${digest}`;
    const unsigned = { ...run, stages: run.stages.slice(0, 3), commands: [], tags: [] };
    expect(pipelineSummary(run)).toContain(pull);
    expect(pipelineSummary(unsigned)).toContain(pull);
    expect(pipelineSummary(unsigned)).not.toContain('Check it yourself');
    expect(pipelineSummary({ ...run, resumed: true, platforms: [] })).toContain(pull);
    expect(pipelineSummary({ ...run, pullable: false })).not.toContain('docker pull');
    const failed = { stage: 'verify', result: 'failed', detail: '' } as const;
    expect(pipelineSummary({ ...unsigned, stages: [...unsigned.stages, failed] })).not.toContain('docker pull');
  });

  it('shows a failed scan in full and says that nothing was uploaded', () => {
    const stages = [{ stage: 'scan', result: 'failed', detail: '1 secret' } as const];
    const text = pipelineSummary({ ...run, stages, tags: [], commands: [] });
    expect(text).toMatch(/^## ❌ .* stopped at scan; nothing was uploaded\n/);
    expect(text).toContain('\n## Scan passed');
    expect(text).not.toContain('<details>');
    expect(text).not.toContain('Check it yourself');
  });

  it('tells of each start of the image, and what it said is only text', () => {
    const smoke = [
      { test: '--version', platform: 'linux/amd64', digest, outcome: 'passed', detail: '', milliseconds: 300 },
      { test: '<b>', platform: 'linux/arm64', digest, outcome: 'unknown', detail: '<i> | x', milliseconds: 1 },
    ] as const;
    const text = pipelineSummary({ ...run, smoke });
    expect(text).toContain('| ✅ | `--version` | `linux/amd64` |  | 0.3 s |');
    expect(text).toContain('| ❔ could not be run here | `<b>` | `linux/arm64` | &lt;i&gt; \\| x | 0.0 s |');
    expect(pipelineSummary(run)).not.toContain('Smoke test');
  });

  it('does not claim that nothing was uploaded once it was', () => {
    const stages = [...run.stages, { stage: 'sign', result: 'failed', detail: 'x' } as const];
    expect(pipelineSummary({ ...run, stages, tags: [] })).toMatch(/stopped at sign; no tag was moved\n/);
  });

  it('escapes what came from outside', () => {
    expect(pipelineSummary({ ...run, version: '<img src=x>' })).not.toContain('<img');
  });
});

describe('buildSummary', () => {
  const build = {
    image,
    version: 'main',
    platforms: run.platforms,
    tags: [{ name: 'main', class: 'moving' } as const],
    pushed: false,
    file: 'Dockerfile',
    took: [['build', 2100]] as const,
  };

  it('tells plan, local build and upload apart', () => {
    expect(buildSummary(build)).toMatch(/^## Build plan/);
    expect(buildSummary({ ...build, digest })).toMatch(/^## 📦 Built, not published/);
    expect(buildSummary({ ...build, digest, pushed: true })).toMatch(/^## 📦 Built and published by digest/);
    expect(buildSummary({ ...build, digest })).toContain('| `linux/amd64` |');
    expect(buildSummary({ ...build, digest })).toContain('1.5 MB');
    expect(buildSummary({ ...build, digest, pushed: true })).toContain(`docker pull ${image}@${digest}`);
    expect(buildSummary({ ...build, digest, pushed: true, platforms: [] })).not.toContain('docker pull');
  });
});
