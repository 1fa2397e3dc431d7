import { expect, it } from 'vitest';
import type { Run } from '../runtime/exec.ts';
import { readCompose, WITHHELD } from './compose.ts';

const FILE = '/w/compose.yml';
const NAMES = ['TAG', 'COSIGN_PASSWORD', 'PLAIN'];

/** A docker compose that refuses to say what is in the file, if it is told to. */
function compose(refuses = false) {
  const seen: Readonly<Record<string, string | undefined>>[] = [];
  const run: Run = (_program, args, { env }) => {
    seen.push({ ...env });
    const variables = args.includes('--variables');
    const stdout = variables ? JSON.stringify(Object.fromEntries(NAMES.map((name) => [name, {}]))) : '{}';
    const exitCode = refuses && args.includes('config') && !variables ? 1 : 0;
    return Promise.resolve({ exitCode, stdout, stderr: '', durationMs: 1, truncated: false });
  };
  const env = {
    TAG: 'main',
    COSIGN_PASSWORD: 'hunter2',
    PLAIN: 'a known secret',
    COMPOSE_EXPERIMENTAL_GIT_REMOTE: '1',
  };
  return { seen, ports: { env, run, isSecret: (text: string) => text.includes('known') } };
}

it('a compose file gets no secret, and is told that there is one', async () => {
  const { seen, ports } = compose();
  const found = await readCompose(FILE, ports);
  expect(found.withheld).toEqual(['COSIGN_PASSWORD', 'PLAIN']);
  expect(seen.at(-1)).toMatchObject({ TAG: 'main', COSIGN_PASSWORD: WITHHELD, PLAIN: WITHHELD });
  expect(JSON.stringify(seen)).not.toMatch(/hunter2|known/);
});

it('a compose file includes nothing from elsewhere', async () => {
  const { seen, ports } = compose();
  await readCompose(FILE, ports);
  for (const env of seen)
    expect(env).toMatchObject({ COMPOSE_EXPERIMENTAL_GIT_REMOTE: 'false', COMPOSE_EXPERIMENTAL_OCI_REMOTE: 'false' });
});

it('a compose file that is refused for want of a secret is told which it has not got', async () => {
  const hint = expect.stringContaining('COSIGN_PASSWORD, PLAIN') as string;
  const failure = expect.objectContaining({ code: 'compose-invalid', hint }) as Error;
  await expect(readCompose(FILE, compose(true).ports)).rejects.toThrow(failure);
});

interface Answer {
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** Reads a file with a docker compose that says this of it. */
function read(config: Answer, variables: Readonly<Record<string, object>> = {}, env = {}) {
  const run: Run = async (_program, args) => {
    const answer = args.includes('--variables')
      ? { stdout: JSON.stringify(variables) }
      : args.includes('config')
        ? config
        : {};
    return { exitCode: 0, stdout: '', stderr: '', durationMs: 1, truncated: false, ...answer };
  };
  return readCompose('/w/compose.yml', { env, run });
}

const services = (build: object) => ({ stdout: JSON.stringify({ services: { web: { build } } }) });

it.each([
  [{ context: '/w' }, { context: '/w', dockerfile: '/w/Dockerfile', target: undefined }],
  [
    { context: '/w', dockerfile: 'x/D', target: 't' },
    { context: '/w', dockerfile: '/w/x/D', target: 't' },
  ],
  [
    { context: '/w', dockerfile_inline: 'FROM x' },
    { context: '/w', dockerfile: undefined, target: undefined },
  ],
])('a service is built of %j', async (build, expected) => {
  expect((await read(services(build))).services).toEqual([{ name: 'web', image: undefined, build: expected }]);
});

it('the reason of a refusal has names of variables in place of their values', async () => {
  const refused = read(
    { exitCode: 1, stderr: 'services.web.ports: invalid port: hunter2' },
    { PORT: {}, EMPTY: {} },
    { PORT: 'hunter2', EMPTY: '' },
  );
  await expect(refused).rejects.toMatchObject({
    code: 'compose-invalid',
    message: expect.stringMatching(/invalid port: \$PORT$/) as string,
  });
});
