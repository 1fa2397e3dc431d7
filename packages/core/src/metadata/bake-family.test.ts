import { describe, expect, it } from 'vitest';
import { bakeFamily } from './bake-family.ts';

const family = (targets: Readonly<Record<string, unknown>>) => bakeFamily(targets, 'docker-bake.hcl');
const tags = ['ghcr.io/acme/app'];

describe('bakeFamily', () => {
  it('takes contexts that name a target for what an image needs, and the others as they are', () => {
    const members = family({
      app: {
        context: 'app',
        dockerfile: 'Containerfile',
        contexts: { runtime: 'target:base', assets: './assets' },
        args: { PORT: '80', UNSET: null },
        labels: { tier: 'web' },
        annotations: ['index:tier=web'],
        platforms: ['linux/amd64'],
        target: 'final',
        tags: ['ghcr.io/acme/app:main', 'ghcr.io/acme/app:edge', 'ghcr.io/acme/app'],
        output: [{ type: 'registry' }],
        attest: [{ type: 'sbom' }],
      },
      base: {
        context: 'base',
        'dockerfile-inline': 'FROM scratch',
        dockerfile: 'Dockerfile',
        tags: ['ghcr.io/acme/base'],
      },
    });
    expect(members).toMatchObject([
      { name: 'base', image: 'ghcr.io/acme/base', dockerfile: 'FROM scratch', file: undefined, tags: undefined },
      {
        name: 'app',
        image: 'ghcr.io/acme/app',
        context: 'app',
        file: 'app/Containerfile',
        target: 'final',
        platforms: ['linux/amd64'],
        buildArgs: { PORT: '80' },
        buildContexts: { assets: './assets' },
        labels: { tier: 'web' },
        annotations: ['index:tier=web'],
        tags: ['type=raw,value=main', 'type=raw,value=edge'],
        needs: [{ context: 'runtime', member: 'base' }],
      },
    ]);
  });

  it('takes a Dockerfile from where its absolute path says', () => {
    const [member] = family({ app: { context: 'app', dockerfile: '/ws/docker/Dockerfile', tags } });
    expect(member?.file).toBe('/ws/docker/Dockerfile');
  });

  it('has the platforms of the step where it says none', () => {
    const [member] = family({ app: { platforms: [], tags } });
    expect(member?.platforms).toBeUndefined();
  });

  it('leaves the Dockerfile of a repository to it', () => {
    const [member] = family({ app: { context: 'https://github.com/acme/app.git', dockerfile: 'Dockerfile', tags } });
    expect(member?.file).toBe('Dockerfile');
  });

  it.each([
    ['an attribute that would be left out', { tags, secret: [{ id: 'x' }] }, '"secrets"'],
    ['one that the step has under its own name', { tags, 'cache-from': [{ type: 'gha' }] }, '"cache-from"'],
    ['no tags', {}, 'tags = '],
    ['two repositories', { tags: [...tags, 'quay.io/acme/app'] }, 'one repository'],
    ['a digest for a tag', { tags: [`ghcr.io/acme/app@sha256:${'0'.repeat(64)}`] }, 'ghcr.io/acme/app:main'],
    ['a platform that is none', { tags, platforms: [7] }, 'bake file'],
    ['a need that is no target', { tags, contexts: { base: 'target:nothing' } }, 'app'],
  ])('refuses %s', (_what, target, hint) => {
    expect(() => family({ app: target })).toThrow(
      expect.objectContaining({ code: 'family-invalid', hint: expect.stringContaining(hint) as string }),
    );
  });
});
