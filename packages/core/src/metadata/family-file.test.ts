import { describe, expect, it } from 'vitest';
import { isFailure } from '../runtime/errors.ts';
import { parseFamily } from './family-file.ts';

const FILE = 'images.yml';

function failure(text: string): { code: string; message: string; hint: string } {
  try {
    parseFamily(text, FILE);
  } catch (error) {
    if (isFailure(error)) return error;
    throw error;
  }
  throw new Error('no failure');
}

const image = (name: string, needs = '') => `- name: ${name}\n  image: ghcr.io/acme/${name}\n${needs}`;
const twins = (one: string, two: string) => `- name: a\n  image: ${one}\n- name: b\n  image: ${two}\n`;

describe('parseFamily', () => {
  it('reads a list, and puts what is needed first', () => {
    const text = `${image('app', '  needs: [runtime]\n')}${image('runtime', '  needs: base\n')}${image('base')}`;
    const members = parseFamily(text, FILE);
    expect(members.map(({ name }) => name)).toEqual(['base', 'runtime', 'app']);
    expect(members[1]?.needs).toEqual([{ context: 'base', member: 'base' }]);
  });

  it.each(['1.20', '3.10', '0123', '1e3', '0x1F', '8080', 'true', 'True', '.5', '12345678901234567890'])(
    'takes %s as it is written',
    (text) => {
      const values = `{ A: ${text}, B: &b ${text}, C: *b, D: "${text}" }`;
      const [member] = parseFamily(`${image('a')}  build-args: &all ${values}\n  labels: *all\n`, FILE);
      expect(member?.buildArgs).toEqual({ A: text, B: text, C: text, D: text });
      expect(member?.labels).toEqual(member?.buildArgs);
    },
  );

  it('reads a map by name, with everything that can be said of an image', () => {
    const text = `
base: { image: ghcr.io/acme/base, platforms: "linux/amd64, linux/arm64" }
app:
  image: ghcr.io/acme/app
  context: app
  file: app/Containerfile
  target: final
  build-args: { PORT: 8080, DEBUG: false }
  build-contexts: { assets: ./assets }
  labels: { tier: web }
  annotations: ["index:tier=web"]
  tags: |
    type=raw,value=edge
    # not this
    main
  needs: { alpine-base: base }
`;
    expect(parseFamily(text, FILE)).toMatchObject([
      { name: 'base', platforms: ['linux/amd64', 'linux/arm64'], tags: undefined, needs: [] },
      {
        name: 'app',
        context: 'app',
        file: 'app/Containerfile',
        target: 'final',
        buildArgs: { PORT: '8080', DEBUG: 'false' },
        buildContexts: { assets: './assets' },
        labels: { tier: 'web' },
        annotations: ['index:tier=web'],
        tags: ['type=raw,value=edge', 'main'],
        needs: [{ context: 'alpine-base', member: 'base' }],
      },
    ]);
  });

  it('reads JSON', () => {
    expect(parseFamily('[{"name":"a","image":"ghcr.io/acme/a"}]', FILE)).toHaveLength(1);
  });

  it.each([
    ['a need that nobody is', `${image('base')}${image('app', '  needs: [bse]\n')}`, '5:3', '"base"'],
    ['a circle', `${image('a', '  needs: [b]\n')}${image('b', '  needs: [a]\n')}`, '3:3', '"needs"'],
    ['a need of itself', image('a', '  needs: [a]\n'), '3:3', '"needs"'],
    ['a name given twice', `${image('a')}- name: a\n  image: ghcr.io/acme/b\n`, '3:3', 'name of its own'],
    ['an image given twice', `${image('a')}- name: b\n  image: ghcr.io/acme/a\n`, '4:3', 'ghcr.io/acme/a-b'],
    ['an image given twice by two names', twins('acme/a', 'docker.io/acme/a'), '4:3', 'docker.io/acme/a-b'],
    ['an image given twice by an old name', twins('index.docker.io/acme/a', 'acme/a'), '4:3', 'docker.io/acme/a-b'],
    ['an official image given twice', twins('alpine', 'docker.io/library/alpine'), '4:3', 'library/alpine-b'],
    ['two contexts of one name', `${image('a')}${image('b', '  build-contexts: {a: x}\n  needs: a\n')}`, '6:3', 'once'],
    [
      'two contexts that BuildKit takes for one',
      `${image('a')}${image('b', '  build-contexts: {"a:latest": x}\n  needs: a\n')}`,
      '6:3',
      'once',
    ],
    ['two Dockerfiles', image('a', '  file: x\n  dockerfile-inline: FROM scratch\n'), '4:3', 'Keep one'],
    ['a mistyped key', image('a', '  contxt: x\n'), '3:3', '"context:"'],
    ['a mistyped key in a map', 'a:\n  image: ghcr.io/acme/a\n  contxt: x\n', '3:3', '"context:"'],
    ['no image', '- name: a\n', '1:3', '"image:"'],
    ['no platforms', `${image('a')}  platforms: ""\n`, '3:3', 'images.schema.json'],
    ['a list of no platforms', `${image('a')}  platforms: []\n`, '3:3', 'images.schema.json'],
    ['no tags', `${image('a')}  tags: []\n`, '3:3', 'images.schema.json'],
    ['a tag in an image', '- name: a\n  image: ghcr.io/acme/a:1\n', '2:3', 'images.schema.json'],
    ['a name that is none', '- name: A b\n  image: ghcr.io/acme/a\n', '1:3', 'images.schema.json'],
    ['a name that is none in a map', 'A b: { image: ghcr.io/acme/a }\n', '1:1', 'images.schema.json'],
    ['nothing', '[]', '1:1', '- name:'],
    ['YAML that does not parse', 'a: [', '1:5', 'YAML'],
  ])('refuses %s, with its place', (_what, text, place, hint) => {
    const found = failure(text);
    expect(found.code).toBe('family-invalid');
    expect(found.message).toContain(`${FILE}:${place}: `);
    expect(found.hint).toContain(hint);
  });
});
