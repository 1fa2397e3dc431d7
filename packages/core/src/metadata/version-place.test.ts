import { describe, expect, it } from 'vitest';
import { isSameVersion, parseVersionPlace, textAt } from './version-place.ts';

const at = (place: string, content: string) => {
  const parsed = parseVersionPlace(place);
  return parsed === undefined ? 'no place' : textAt(parsed, content);
};

describe('a version in a file', () => {
  it.each<[string, string, { text: string; line: number }]>([
    ['Chart.yaml#appVersion', 'name: app\nappVersion: "1.2.3"\n', { text: '1.2.3', line: 2 }],
    ['values.yaml#image.tag', 'image:\n  repository: app\n  tag: v1.2.3 # now\n', { text: 'v1.2.3', line: 3 }],
    ['values.yaml#image.tag', 'image:\n  tag: 1.10\n', { text: '1.10', line: 2 }],
    ['values.yaml#images.1.tag', 'images:\n  - tag: "1"\n  - tag: "2"\n', { text: '2', line: 3 }],
    ['values.yaml#a\\.b.c', 'a.b:\n  c: x\n', { text: 'x', line: 2 }],
    ['package.json#version', '{\n  "name": "app",\n  "version": "1.2.3"\n}\n', { text: '1.2.3', line: 3 }],
    [
      'pyproject.toml#project.version',
      '[build]\nversion = "0"\n[project]\nversion = "1.2.3" # now\n',
      { text: '1.2.3', line: 4 },
    ],
    ['Cargo.toml#workspace.package.version', "[workspace]\npackage.version = '1.2.3'\n", { text: '1.2.3', line: 2 }],
    ['a.toml#version', 'text = """\nversion = "0"\n"""\nversion = "1"\n', { text: '1', line: 4 }],
  ])('is found at %s', (place, content, found) => {
    expect(at(place, content)).toEqual(found);
  });

  it.each<[string, string]>([
    ['Chart.yaml#appVersion', 'name: app\n'],
    ['values.yaml#image', 'image:\n  tag: 1\n'],
    ['values.yaml#image.tag', 'image:\n  tag:\n'],
    ['a.toml#version', '[[bin]]\nversion = "1"\n'],
    ['a.toml#version', 'version = 1\n'],
  ])('is not made up at %s', (place, content) => {
    expect(at(place, content)).toBeUndefined();
  });

  it.each(['Chart.yaml', '#version', 'a.yaml#', 'a.yaml#b..c'])('needs file and key: %s', (place) => {
    expect(at(place, '')).toBe('no place');
  });

  it.each([
    ['a.yaml#b', 'a: [\n'],
    ['a.json#b', 'b: 1\n'],
  ])('is not looked for in a broken %s', (place, content) => {
    expect(() => at(place, content)).toThrow();
  });

  it('is the same with and without a v', () => {
    expect(isSameVersion('v1.2.3', '1.2.3')).toBe(true);
    expect(isSameVersion('1.2.3', '1.2.30')).toBe(false);
  });
});
