import { describe, expect, it } from 'vitest';
import { BUILD_INPUTS, readBuildInputs } from './build-inputs.ts';
import { readInputs } from './inputs.ts';

const RUN = 'a'.repeat(40);
const WANTED = 'b'.repeat(40);
const secrets = { mask: () => undefined };

function read(given: Readonly<Record<string, string>>) {
  const all = { image: 'ghcr.io/acme/app', ...given };
  const env = Object.fromEntries(Object.entries(all).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]));
  const repository = { repository: 'acme/app', serverUrl: 'https://github.com', token: undefined };
  const github = { workspace: '/w', ref: 'refs/heads/main', sha: RUN, ...repository };
  return readBuildInputs(readInputs(BUILD_INPUTS, env, secrets), { github, env: {}, secrets });
}

describe('the repository of the run as the context', () => {
  const context = 'https://github.com/acme/app.git';

  it('is taken at the commit that the image is named by', () => {
    expect(read({ context }).git?.ref).toBe(RUN);
    expect(read({ context, sha: WANTED }).git?.ref).toBe(WANTED);
  });

  it('is taken at its own ref where one is written, and another repository at its default', () => {
    expect(read({ context: `${context}#next`, sha: WANTED }).git?.ref).toBe('next');
    expect(read({ context: 'https://github.com/acme/lib.git', sha: WANTED }).git?.ref).toBeUndefined();
  });
});
