import { access, mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { type Run, run } from '../runtime/exec.ts';
import type { Log } from '../runtime/log.ts';
import { inPrivateDirectory } from './private-directory.ts';
import { INNER_SCRIPT, OUTER_SCRIPT } from './sandbox-script.ts';

/**
 * How far a scanner is kept from the job that runs it, best first:
 * - `namespaces`: own user, network, pid and mount namespaces, without any privilege;
 * - `other-user`: own network, pid and mount namespaces made by root (through `sudo -n`), and another user;
 * - `none`: a child of the same user, which could read the tokens of this process from /proc.
 */
export type IsolationLevel = 'namespaces' | 'other-user' | 'none';

/** What one isolated run may see. */
export interface SandboxRequest {
  readonly program: string;
  readonly args: readonly string[];
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  /** The only directory it may write; also its working directory. From {@link inPrivateDirectory}. */
  readonly workDir: string;
  /** Absolute paths it may read, beside its own program. */
  readonly reads: readonly string[];
}

/** A command that runs a program isolated. */
export interface SandboxCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Standard input must be held open until it is to end. */
  readonly holdInput: boolean;
}

export interface Isolation {
  readonly level: IsolationLevel;
  wrap(request: SandboxRequest): Promise<SandboxCommand>;
}

/** Runs a program as it is. */
export const noIsolation: Isolation = {
  level: 'none',
  wrap: async ({ program, args, env }) => ({ command: program, args, env, holdInput: false }),
};

export interface ProbePorts {
  /** Where the programs of the system are found, as `PATH` has it. */
  readonly env: NodeJS.ProcessEnv;
  readonly tempDir: string;
  readonly log: Log;
  readonly signal?: AbortSignal | undefined;
  readonly run?: Run | undefined;
}

const PROBE_TIMEOUT_MS = 15_000;
/** No account has this number, and no file belongs to it. */
const OTHER_USER = '61917';
const NAMESPACES = ['--net', '--pid', '--ipc', '--uts', '--mount', '--fork', '--mount-proc', '--kill-child'];

/**
 * The best isolation that works here. Every rung is tried by running something in it that looks around: kernels,
 * AppArmor (as on GitHub's Ubuntu runners) and container engines each forbid parts of it in their own ways.
 */
export async function probeIsolation(ports: ProbePorts): Promise<Isolation> {
  if (process.platform !== 'linux') return noIsolation;
  const searchPath = ports.env['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  for (const rung of rungs(searchPath)) {
    if (await works(rung, ports)) return rung;
  }
  return noIsolation;
}

function rungs(searchPath: string): readonly Isolation[] {
  const uid = process.getuid?.() ?? 0;
  const asRoot = uid === 0 ? ['unshare'] : ['sudo', '-n', '--', 'unshare'];
  return [
    sandbox('namespaces', { searchPath, unshare: ['unshare', '--user', '--map-root-user'], user: '' }),
    sandbox('other-user', { searchPath, unshare: asRoot, user: OTHER_USER }),
  ];
}

interface Rung {
  readonly searchPath: string;
  readonly unshare: readonly string[];
  readonly user: string;
}

function sandbox(level: IsolationLevel, { searchPath, unshare, user }: Rung): Isolation {
  const [command = 'unshare', ...options] = unshare;
  return {
    level,
    wrap: async ({ program, args, env, workDir, reads }) => {
      // Beside the work directory, so that nothing done to the one ever reaches what is mounted below the other.
      const root = path.join(path.dirname(workDir), 'root');
      await mkdir(root, { recursive: true });
      // Real paths: a link would be followed outside of the new root.
      const shown = [...new Set(await Promise.all([...reads, program].map((each) => realpath(each))))];
      const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
      const script = ['sh', '-c', OUTER_SCRIPT, 'plimsoll', INNER_SCRIPT, root, user, workDir];
      const inside = [String(shown.length), ...shown, '/usr/bin/env', '-i', ...variables, program, ...args];
      return {
        command,
        args: [...options, ...NAMESPACES, '--', ...script, ...inside],
        env: { PATH: searchPath },
        holdInput: true,
      };
    },
  };
}

/** What the probe asks from inside: no network, no capability, none of this process's neighbours, none of its files. */
const LOOK_AROUND = `[ "$(grep -c : /proc/net/dev)" -le 1 ] || exit 11
! grep -qE '^Cap(Prm|Eff|Bnd):.*[1-9a-f]' /proc/self/status || exit 12
[ "$(ls /proc | grep -c '^[0-9]')" -lt 12 ] || exit 13
[ ! -e /home ] && [ ! -e /root ] && [ ! -e /run ] || exit 14
: >written`;

async function works(rung: Isolation, { tempDir, log, signal, run: runner = run }: ProbePorts): Promise<boolean> {
  try {
    await inPrivateDirectory(tempDir, async (workDir) => {
      const look = { program: '/bin/sh', args: ['-c', LOOK_AROUND], env: {}, workDir, reads: [] };
      const { command, args, env, holdInput } = await rung.wrap(look);
      await runner(command, args, { cwd: '/', env, holdInput, signal, timeoutMs: PROBE_TIMEOUT_MS });
      await access(path.join(workDir, 'written'));
    });
    return true;
  } catch (error) {
    if (signal?.aborted === true) throw error;
    log.debug(`isolation ${rung.level} does not work here: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}
