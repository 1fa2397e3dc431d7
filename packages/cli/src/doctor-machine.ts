import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Diagnosis, unknown, well } from './diagnosis.ts';

const execute = promisify(execFile);

/** What "plimsoll check" and "plimsoll build" need of this machine; a run on GitHub needs none of it. */
export async function examineMachine({
  env,
}: {
  readonly env: Readonly<Record<string, string | undefined>>;
}): Promise<readonly Diagnosis[]> {
  const endpoint = env['BUILDKIT_HOST'];
  if (endpoint !== undefined && endpoint !== '') return [well(`Builds here go to ${endpoint}`)];
  const driver = await builderDriver(env);
  if (driver === undefined) {
    return [
      unknown(
        'There is no builder on this machine: "plimsoll build" and "plimsoll check" would not run here',
        'Install docker with buildx, or set BUILDKIT_HOST. Runs on GitHub bring their own.',
      ),
    ];
  }
  return [well(`The builder of this machine uses the driver ${driver}`)];
}

async function builderDriver(env: Readonly<Record<string, string | undefined>>): Promise<string | undefined> {
  try {
    const { stdout } = await execute('docker', ['buildx', 'inspect'], { env: { ...env }, timeout: 10_000 });
    return /^Driver:\s*(?<driver>\S+)/m.exec(stdout)?.groups?.['driver'];
  } catch {
    // No docker, no plugin, or no engine: each means that nothing can be built here.
    return undefined;
  }
}
