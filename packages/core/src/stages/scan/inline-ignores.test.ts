import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyWithoutIgnores, findInlineIgnores } from './inline-ignores.ts';

let root: string;
let tree: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'plimsoll-inline-'));
  tree = path.join(root, 'tree');
  mkdirSync(tree);
});
afterEach(() => rmSync(root, { recursive: true }));

async function disarmed(text: string): Promise<string> {
  writeFileSync(path.join(tree, 'Dockerfile'), text);
  const { marked } = await findInlineIgnores(tree);
  await copyWithoutIgnores(tree, marked, path.join(root, 'copy'));
  return readFileSync(path.join(root, 'copy/Dockerfile'), 'latin1');
}

describe('comments that switch checks off', () => {
  it.each([
    ['#trivy:ignore:DS-0002', '#trivy_ignore:DS-0002'],
    ['# trivy:exp:2099-01-01:ignore:DS-0002', '# trivy_exp:2099-01-01:ignore:DS-0002'],
    ['#trivy:ws:default:ignore:DS-0002', '#trivy_ws:default:ignore:DS-0002'],
    ['// tfsec:ignore:*', '// tfsec_ignore:*'],
    ['RUN x # trivy:a:\t:ignore:DS-0002', 'RUN x # trivy_a:\t:ignore:DS-0002'],
  ])('are made powerless in %j', async (line, expected) => {
    expect(await disarmed(`FROM x\n${line}\n`)).toBe(`FROM x\n${expected}\n`);
  });

  it.each(['FROM aquasec/trivy:0.72.0 AS x', 'trivy: true', '# see trivy: how to ignore'])(
    'are not seen in %j',
    async (line) => {
      writeFileSync(path.join(tree, 'Dockerfile'), line);
      expect((await findInlineIgnores(tree)).marked).toEqual([]);
    },
  );

  it('are found in a file of any size, across the pieces in which it is read', async () => {
    const text = `${'#'.repeat(64 * 1024 - 4)}\n${' '.repeat(5 * 1024 * 1024)}\n#trivy:ignore:DS-0002\n`;
    expect((await disarmed(text)).endsWith('#trivy_ignore:DS-0002\n')).toBe(true);
    expect(await disarmed(`${'\n'.repeat(64 * 1024 - 4)}trivy:ignore:DS-0002\n`)).toContain('trivy_ignore');
  });
});

it('takes names that are not UTF-8', async () => {
  const name = Buffer.from('caf\xe9', 'latin1');
  const directory = Buffer.concat([Buffer.from(`${tree}/`), name]);
  mkdirSync(directory);
  writeFileSync(Buffer.concat([directory, Buffer.from('/'), name, Buffer.from('.yaml')]), '# trivy:ignore:KSV-1\n');
  const { marked, closed } = await findInlineIgnores(tree);
  expect({ marked: marked.length, closed }).toEqual({ marked: 1, closed: [] });
  await copyWithoutIgnores(tree, marked, path.join(root, 'copy'));
  const copy = Buffer.concat([Buffer.from(`${root}/copy/`), name, Buffer.from('/'), name, Buffer.from('.yaml')]);
  expect(readFileSync(copy, 'utf8')).toBe('# trivy_ignore:KSV-1\n');
});
