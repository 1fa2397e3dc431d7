import { describe, expect, it } from 'vitest';
import { environmentFor } from './environment.ts';

const job = {
  PATH: '/bin',
  HOME: '/home/runner',
  TMPDIR: '/tmp/x',
  HTTPS_PROXY: 'http://proxy',
  DOCKER_CONFIG: '/docker',
  BUILDX_BUILDER: 'mine',
  BUILDX_NO_DEFAULT_ATTESTATIONS: '1',
  BUILDKIT_HOST: 'tcp://x',
  ACTIONS_RUNTIME_TOKEN: 'cache',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'oidc',
  GITHUB_TOKEN: 'gh',
  INPUT_PASSWORD: 'secret',
  AWS_SECRET_ACCESS_KEY: 'aws',
  NODE_OPTIONS: '--require x',
  LD_PRELOAD: '/x.so',
  TRIVY_SEVERITY: 'LOW',
  COSIGN_EXPERIMENTAL: '1',
};

describe('environmentFor', () => {
  it('shows a scanner only where temporary files go', () => {
    expect(environmentFor('trivy', job)).toEqual({ TMPDIR: '/tmp/x' });
    expect(environmentFor('osv-scanner', job)).toEqual({ TMPDIR: '/tmp/x' });
  });

  it('shows cosign the network and neither the home nor the right to ask for tokens', () => {
    expect(environmentFor('cosign', job)).toEqual({ TMPDIR: '/tmp/x', HTTPS_PROXY: 'http://proxy' });
  });

  it('shows cosign the accounts of key services only where a key signs', () => {
    const seen = environmentFor('cosign-key', { ...job, COSIGN_PASSWORD: 'x', VAULT_TOKEN: 'y' });
    expect(seen).toEqual({ AWS_SECRET_ACCESS_KEY: 'aws', COSIGN_PASSWORD: 'x', VAULT_TOKEN: 'y' });
  });

  it('shows buildx its builders, its cache and the accounts of credential helpers', () => {
    const seen = environmentFor('buildx', job);
    expect(Object.keys(seen).toSorted()).toEqual([
      'ACTIONS_RUNTIME_TOKEN',
      'AWS_SECRET_ACCESS_KEY',
      'BUILDKIT_HOST',
      'BUILDX_BUILDER',
      'DOCKER_CONFIG',
      'HOME',
      'HTTPS_PROXY',
      'PATH',
      'TMPDIR',
    ]);
  });

  it('shows what reads bake and compose files nothing that is worth reading', () => {
    const seen = { PATH: '/bin', HOME: '/home/runner', TMPDIR: '/tmp/x', DOCKER_CONFIG: '/docker' };
    expect(environmentFor('buildx-bake', job)).toEqual(seen);
    expect(environmentFor('docker-compose', job)).toEqual(seen);
  });

  it('never passes on the job token, inputs, the right to OIDC tokens or what changes how programs load', () => {
    for (const tool of ['buildx', 'cosign', 'docker-credential', 'osv-scanner', 'trivy'] as const) {
      const names = Object.keys(environmentFor(tool, job));
      for (const name of [
        'GITHUB_TOKEN',
        'INPUT_PASSWORD',
        'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
        'NODE_OPTIONS',
        'LD_PRELOAD',
      ]) {
        expect(names).not.toContain(name);
      }
    }
  });
});
