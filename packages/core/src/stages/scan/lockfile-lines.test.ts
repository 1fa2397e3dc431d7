import { expect, test } from 'vitest';
import { lockfileLine } from './lockfile-lines.ts';

const CASES: readonly (readonly [file: string, name: string, version: string, line: number, text: string])[] = [
  [
    'package-lock.json',
    '@a/b',
    '2.0.0',
    7,
    '{\n"packages": {\n "": {\n "dependencies": {"@a/b": "^2.0.0"}\n },\n "node_modules/x": {"version": "2.0.0"},\n "node_modules/@a/b": {\n "version": "2.0.0"\n}}}',
  ],
  [
    'app/package-lock.json',
    'x',
    '1.0.0',
    4,
    '{\n"node_modules/x": {\n "version": "2.0.0"\n},"node_modules/y/node_modules/x": {\n "version": "1.0.0"\n}}',
  ],
  ['package-lock.json', 'left-bad', '1.0.0', 1, '{"packages":{"node_modules/left-bad":{"version":"1.0.0"}}}'],
  ['yarn.lock', 'x', '2.0.0', 4, 'x@^1:\n  version "1.0.0"\n\n"x@^2, x@2":\n  version "2.0.0"\n'],
  ['pnpm-lock.yaml', '@a/b', '2.0.1', 3, "packages:\n  '@a/b@1.0.0':\n  '@a/b@2.0.1':\n    resolution: {}\n"],
  ['bun.lock', 'x', '2.0.0', 3, '"packages": {\n "y": ["x@1.0.0", {}],\n "x": ["x@2.0.0", {}],\n'],
  ['go.mod', 'golang.org/x/text', '0.3.7', 6, 'module m\n\ngo 1.21\n\nrequire (\n\tgolang.org/x/text v0.3.7\n)\n'],
  ['go.mod', 'golang.org/x/text', '0.3.7', 3, 'module golang.org/x/text2\n\nrequire golang.org/x/text v0.3.7\n'],
  ['go.mod', 'stdlib', '1.21', 2, 'module m\ngo 1.21\n'],
  ['requirements-dev.txt', 'Typing_Extensions', '4', 2, 'typing==1\ntyping-extensions[x] == 4 # why\n'],
  [
    'Cargo.lock',
    'a-b',
    '2.0.0',
    7,
    '[[package]]\nname = "a-b"\nversion = "1.0.0"\nsource = "x"\n\n[[package]]\nname = "a-b"\nversion = "2.0.0"\n',
  ],
  ['poetry.lock', 'requests', '2.30.0', 2, '[[package]]\nname = "requests"\nversion = "2.30.0"\n'],
  [
    'Pipfile.lock',
    'requests',
    '2.30.0',
    2,
    '{"default": {\n "requests": {\n "hashes": [],\n "version": "==2.30.0"\n}}}',
  ],
  ['Gemfile.lock', 'rack', '2.0', 4, 'GEM\n  specs:\n    rack-test (1.0)\n    rack (2.0)\n      other\n'],
  ['composer.lock', 'a/b', '1.0.0', 2, '{"packages": [{\n "name": "a/b",\n "version": "v1.0.0"\n}]}'],
  [
    'pom.xml',
    'org.x:lib',
    '1.0',
    7,
    '<p>\n<dependency>\n<groupId>org.y</groupId>\n<artifactId>lib</artifactId>\n</dependency><dependency>\n<groupId>org.x</groupId>\n<artifactId>lib</artifactId>\n',
  ],
  ['gradle.lockfile', 'org.x:lib', '1.0', 2, '# comment\norg.x:lib:1.0=runtime\n'],
  ['verification-metadata.xml', 'g:a', '1', 1, '<component group="g" name="a" version="1">'],
  [
    'packages.lock.json',
    'Some.Package',
    '1.0.0',
    2,
    '{\n "Some.Package": {\n "type": "Direct",\n "requested": "[1, )",\n "resolved": "1.0.0"\n}}',
  ],
  ['packages.config', 'Some.Package', '1.0.0', 2, '<packages>\n<package id="Some.Package" version="1.0.0" />'],
  ['pubspec.lock', 'http', '1', 2, 'packages:\n  http:\n    version: "1"\n'],
  [
    'pubspec.lock',
    'path',
    '1.9.0',
    9,
    'packages:\n  app_tools:\n    dependency: "direct main"\n    description:\n      path: "../tools"\n      relative: true\n    source: path\n    version: "0.1.0"\n  path:\n    dependency: transitive\n    version: "1.9.0"\nsdks:\n  dart: ">=3.0.0"\n',
  ],
  [
    'package-lock.json',
    'engines',
    '1.0.0',
    6,
    '{"packages": {\n "node_modules/x": {\n "version": "1.0.0",\n "engines": {"node": ">=1"}\n },\n "node_modules/engines": {\n "resolved": "x",\n "version": "1.0.0"\n}}}',
  ],
  [
    'go.mod',
    'golang.org/x/text',
    '0.3.7',
    6,
    'module m\n\nreplace (\n\tgolang.org/x/text v0.3.0 => ./text\n)\nrequire golang.org/x/text v0.3.7 // indirect\n',
  ],
  ['renv.lock', 'Version', '2', 4, '{"Packages": {\n "x": {\n "Version": "2" },\n "Version": {\n "Version": "2"\n}}}'],
  ['cabal.project.freeze', 'text', '1.2', 2, 'constraints: any.attoparsec-text ==1.2,\n             any.text ==1.2\n'],
  ['mix.lock', 'plug', '1', 2, '%{\n  "plug": {:hex, :plug, "1"},\n'],
];

test.each(CASES)('%s: %s %s stands in line %i', (file, name, version, line, text) => {
  expect(lockfileLine(file, text.split('\n'), { name, versions: [version] })).toBe(line);
});

test('a package that the file does not name, and a file of another kind, have no line', () => {
  expect(lockfileLine('go.mod', ['module m'], { name: 'x', versions: ['1'] })).toBeUndefined();
  expect(lockfileLine('notes.txt', ['x==1'], { name: 'x', versions: ['1'] })).toBeUndefined();
});

test('a name that is a pattern is taken as it is', () => {
  const lines = ['{"node_modules/axb": {}', '"node_modules/a.b": {}}'];
  expect(lockfileLine('package-lock.json', lines, { name: 'a.b', versions: ['1'] })).toBe(2);
});
