import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureTools } from './ensure-tools.ts';
import { throwAwayModule } from './go-build.ts';
import { type GoRecipe, goRecipe } from './recipes.ts';

const recipe: GoRecipe = { module: 'example.com/m', version: 'v1.2.3', package: 'example.com/m/cmd', versionArgs: [] };

describe('throwAwayModule', () => {
  it('requires the module at the language version of the module itself', () => {
    expect(throwAwayModule(recipe, 'module example.com/m\n\ngo 1.26.3\n\ntoolchain go1.26.6\n')).toBe(
      'module plimsoll.invalid/toolbox\ngo 1.26.3\nrequire example.com/m v1.2.3\n',
    );
  });

  it('repeats what the module excludes, as a block and as a line', () => {
    const theirs =
      'module m\ngo 1.26\nexclude (\n\ta.example/x v1.0.0 // why (really)\n\tb.example/y v2.0.0\n)\nexclude c.example/z v3.0.0\n';
    const text = throwAwayModule(recipe, theirs);
    expect(text).toContain('exclude (\n\ta.example/x v1.0.0 // why (really)\n\tb.example/y v2.0.0\n)\n');
    expect(text).toContain('exclude c.example/z v3.0.0\n');
  });
});

describe('ensureTools with a Go that is a stand-in', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'toolbox-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  /** Answers `go mod download`, and "builds" a shell script that prints the given version. */
  const fakeGo = async (version: string): Promise<NodeJS.ProcessEnv> => {
    await writeFile(path.join(dir, 'theirs.mod'), 'module m\ngo 1.26\n');
    const script = `#!/bin/sh
if [ "$1" = mod ]; then echo '{"GoMod":"${dir}/theirs.mod"}'; exit; fi
echo built >> ${dir}/builds
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\necho version ${version}\\n' > "$2"; chmod +x "$2"
`;
    await writeFile(path.join(dir, 'go'), script);
    await chmod(path.join(dir, 'go'), 0o755);
    return { PATH: `${dir}:/usr/bin:/bin`, XDG_CACHE_HOME: path.join(dir, 'cache') };
  };
  const written: string[] = [];
  const progress = { write: (text: string) => written.push(text) };

  it('builds once, shows where it is, and is silent afterwards', async () => {
    const env = await fakeGo('0.22.1');
    const first = await ensureTools(['crane'], { env, progress, releases: [] });
    expect(written.join('')).toBe('[ 1/1] crane 0.22.1  building…\n[ 1/1] crane 0.22.1  built in 0 s\n');
    written.length = 0;
    expect(await ensureTools(['crane'], { env, progress, releases: [] })).toEqual(first);
    expect(written).toEqual([]);
    expect(first.crane.startsWith(path.join(dir, 'cache', 'plimsoll', 'tools', 'crane-0.22.1-'))).toBe(true);
  });

  it('builds once for two callers at the same time', async () => {
    const env = await fakeGo('0.22.1');
    await Promise.all([
      ensureTools(['crane'], { env, progress, releases: [] }),
      ensureTools(['crane'], { env, progress, releases: [] }),
    ]);
    expect(await readFile(path.join(dir, 'builds'), 'utf8')).toBe('built\n');
  });

  it('keeps nothing that does not say the right version', async () => {
    const env = await fakeGo('9.9.9');
    await expect(ensureTools(['crane'], { env, progress, releases: [] })).rejects.toMatchObject({
      code: 'tool-output-invalid',
    });
    await expect(ensureTools(['crane'], { env, progress, releases: [] })).rejects.toMatchObject({
      code: 'tool-output-invalid',
    });
  });

  it('says what to install when there is no Go', async () => {
    const env = { PATH: dir, XDG_CACHE_HOME: path.join(dir, 'cache') };
    await expect(ensureTools(['crane'], { env, progress, releases: [] })).rejects.toMatchObject({
      code: 'tool-missing',
    });
  });
});

describe('the recipes', () => {
  it('pin a version of the module that the package belongs to', () => {
    for (const tool of ['cosign', 'trivy', 'osv-scanner', 'buildx', 'buildkitd'] as const) {
      const { module, package: main, version } = goRecipe(tool);
      expect(main === module || main.startsWith(`${module}/`)).toBe(true);
      expect(version).toMatch(/^v\d+\.\d+\.\d+$/);
    }
  });
});
