import { describe, expect, it } from 'vitest';
import { checkArchitecture } from './architecture.mjs';
import { parseSource } from './sources.mjs';

const core = (file: string, text: string) => parseSource(`packages/core/src/${file}`, text);

function violations(...sources: [file: string, text: string][]): string[] {
  return checkArchitecture(sources.map(([file, text]) => core(file, text)));
}

describe('the arrows between the parts', () => {
  it('let oci use runtime, and nothing of GitHub', () => {
    expect(violations(['oci/copy.ts', "import { run } from '../runtime/errors.ts';"])).toEqual([]);
    expect(violations(['oci/copy.ts', "import { api } from '../github/api.ts';"])).toEqual([
      'packages/core/src/oci/copy.ts:1: oci/ must not load github/',
    ]);
  });

  it('let types through, which are gone at run time', () => {
    expect(violations(['oci/copy.ts', "import type { Api } from '../github/api.ts';"])).toEqual([]);
    expect(violations(['oci/copy.ts', "import { type Api } from '../github/api.ts';"])).toEqual([]);
  });

  it('follow an import that spans lines, and one from another package', () => {
    const many = "import {\n  one,\n  two,\n} from '../github/api.ts';";
    expect(violations(['oci/copy.ts', many])).toEqual(['packages/core/src/oci/copy.ts:4: oci/ must not load github/']);
    const [testkit] = violations(['oci/copy.ts', "import { world } from '@plimsoll/testkit/world/start';"]);
    expect(testkit).toContain('the product must not load the testkit');
  });
});

describe('guarded modules', () => {
  it('keeps processes in tools and runtime/exec', () => {
    const text = "import { spawn } from 'node:child_process';";
    expect(violations(['runtime/exec.ts', text])).toEqual([]);
    expect(violations(['tools/trivy.ts', text])).toEqual([]);
    expect(violations(['stages/scan.ts', text])).toHaveLength(1);
  });

  it('keeps sockets in runtime/http', () => {
    expect(violations(['oci/registry.ts', "import { request } from 'undici';"])).toHaveLength(1);
  });

  it('finds I/O that a pure part reaches over a detour', () => {
    expect(
      violations(
        ['policy/gate.ts', "import { read } from '../runtime/read.ts';"],
        ['runtime/read.ts', "import { readFile } from 'node:fs/promises';"],
      ),
    ).toEqual([
      'packages/core/src/policy/gate.ts: must do no I/O, but loads packages/core/src/runtime/read.ts -> node:fs/promises',
    ]);
  });
});

describe('text', () => {
  it('keeps the environment at the edge and imports static', () => {
    expect(violations(['stages/scan.ts', "const home = process.env['HOME'];"])).toHaveLength(1);
    expect(violations(['github/host.ts', 'const env = process.env;'])).toEqual([]);
    expect(violations(['stages/scan.ts', "const late = await import('./late.ts');"])).toHaveLength(1);
  });
});
