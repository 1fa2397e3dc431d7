import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeImageLayout } from '@plimsoll/testkit/layout/image-layout';
import { expect, test } from 'vitest';
import type { TrivyReport } from '../../tools/trivy.ts';
import { flattenLayout } from './flat-layout.ts';
import { sketchImage, sketchTree } from './sketched-secrets.ts';
import { findTargets } from './targets.ts';
import { openLayout } from '../../oci/layout.ts';
import { trivyFindings } from './trivy-findings.ts';

const temporary = () => mkdtempSync(path.join(tmpdir(), 'sketch-'));
const MASKED = 'KEY=***';

function reportOf(target: string, lines: readonly number[], Layer?: { Digest?: string; DiffID?: string }): TrivyReport {
  const Secrets = lines.map((line) => {
    return { RuleID: 'r', StartLine: line, EndLine: line, Match: MASKED, ...(Layer === undefined ? {} : { Layer }) };
  });
  return { SchemaVersion: 2, ArtifactName: 'layout', Results: [{ Target: target, Class: 'secret', Secrets }] };
}

const printsOf = (report: TrivyReport, scope: Parameters<typeof trivyFindings>[1] = { in: 'source' }) =>
  trivyFindings(report, scope).map(({ fingerprint }) => fingerprint);

async function inTree(content: string, ...lines: readonly number[]) {
  const directory = temporary();
  writeFileSync(path.join(directory, 'app.env'), content);
  return printsOf(await sketchTree(reportOf('app.env', lines), directory));
}

test('two secrets in a file are two findings, which stay what they are when lines are written above', async () => {
  const [one, two] = await inTree('KEY=abc\nKEY=xyz\n', 1, 2);
  expect(one).not.toBe(two);
  expect(await inTree('# new\nKEY=xyz\nKEY=abc\n', 2, 3)).toEqual([two, one]);
});

test('another secret in the place of one is another finding', async () => {
  const [before] = await inTree('KEY=abc\n', 1);
  expect(await inTree('KEY=abd\n', 1)).not.toEqual([before]);
});

test('what cannot be read again is told apart by its number in the file', async () => {
  const directory = temporary();
  symlinkSync('/etc/passwd', path.join(directory, 'app.env'));
  const report = await sketchTree(reportOf('app.env', [2, 1]), directory);
  expect(report).toEqual(reportOf('app.env', [2, 1]));
  expect(new Set(printsOf(report)).size).toBe(2);
});

async function inImage(content: string, other: string, line: number) {
  const root = temporary();
  const layers = [{ 'etc/other': other }, { 'app/.env': content }];
  const config = { Env: [`KEY=${content.slice(-3)}`] };
  const written = await writeImageLayout(path.join(root, 'image'), [{ architecture: 'amd64', layers, config }]);
  const source = await openLayout(written.directory);
  const targets = await findTargets(source, source.root.digest);
  const layoutDir = path.join(root, 'flat');
  await flattenLayout(written.directory, targets, layoutDir);
  const [target] = targets;
  if (target === undefined) throw new Error('no target');
  const { digest } = target.descriptor;
  const prints = async (name: string, layer: object | undefined) => {
    const report = await sketchImage(reportOf(name, [line], layer), { layoutDir, digest });
    return printsOf(report, { in: 'image', platform: 'linux/amd64' })[0];
  };
  const Digest = target.manifest.layers[1]?.digest ?? '';
  return { file: await prints('/app/.env', { Digest }), configuration: await prints('layout', undefined) };
}

test('in an image they are read from the layer and the configuration, and survive a build that changes neither', async () => {
  const before = await inImage('KEY=abc', 'a', 1);
  expect(await inImage('\nKEY=abc', 'b', 2)).toEqual(before);
  const changed = await inImage('KEY=abd', 'a', 1);
  expect(changed.file).not.toBe(before.file);
  expect(changed.configuration).not.toBe(before.configuration);
});
