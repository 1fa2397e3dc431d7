import { expect, test } from 'vitest';
import { packagePaths } from './sbom-paths.ts';

test('names the file of a package, else the binary or lockfile that lists it', () => {
  const path = (value: string) => [{ name: 'aquasecurity:trivy:FilePath', value }];
  const document = {
    components: [
      { type: 'application', 'bom-ref': 'app', name: 'usr/bin/app' },
      { type: 'application', 'bom-ref': 'heading', name: 'Node.js' },
      { 'bom-ref': 'main', purl: 'pkg:golang/example.com/app' },
      { 'bom-ref': 'x', purl: 'pkg:golang/golang.org/x/text@v0.3.7' },
      { 'bom-ref': 'a1', purl: 'pkg:npm/a@1', properties: path('one/package.json') },
      { 'bom-ref': 'a2', purl: 'pkg:npm/a@2', properties: path('two/package.json') },
      { 'bom-ref': 'b', purl: 'pkg:npm/b@1' },
    ],
    dependencies: [
      { ref: 'app', dependsOn: ['main'] },
      { ref: 'main', dependsOn: ['x', 'main'] },
      { ref: 'heading', dependsOn: ['b'] },
    ],
  };
  expect([...packagePaths(document)]).toEqual([
    ['pkg:golang/example.com/app', ['usr/bin/app']],
    ['pkg:golang/golang.org/x/text', ['usr/bin/app']],
    ['pkg:npm/a', ['one/package.json', 'two/package.json']],
    ['pkg:npm/b', []],
  ]);
});
