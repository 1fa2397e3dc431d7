import type { ActionContext } from '../../github/action.ts';
import type { BuildInputs } from '../../github/build-inputs.ts';
import { toolPorts } from '../../github/tool-ports.ts';
import { Layout } from '../../oci/layout.ts';
import type { Log } from '../../runtime/log.ts';
import { runInImage } from '../../tools/image-run.ts';
import type { BuiltImage } from '../build.ts';
import { smokeTest } from '../smoke.ts';
import type { SmokeResult } from './judgement.ts';

/**
 * The smoke tests of a run, on what it built and where it built it.
 * @returns none where none were asked for
 */
export async function smokeRun(
  { smokeTests: tests }: Pick<BuildInputs, 'smokeTests'>,
  { content, nodes = [] }: BuiltImage,
  context: ActionContext<never>,
): Promise<readonly SmokeResult[]> {
  // A merged image has no layout: its platforms were tested where they were built.
  if (tests.length === 0 || !(content instanceof Layout)) return [];
  const { github, log, clock } = context;
  const tools = toolPorts(context);
  const request = { layout: content, tests, nodes, tempDir: github.tempDir };
  return smokeTest(request, { runInImage: (task) => runInImage(task, tools), log, clock });
}

/** What {@link smokeRun} would do, for a dry run. */
export function smokePlan({ smokeTests, platforms }: Pick<BuildInputs, 'smokeTests' | 'platforms'>): readonly string[] {
  return smokeTests.map(({ name, platforms: own, timeoutMs }) => {
    const where = (own.length === 0 ? platforms : platforms.filter((platform) => own.includes(platform))).join(', ');
    return `Would run the smoke test "${name}" on ${where} before anything is uploaded, at most ${timeoutMs / 1000} s`;
  });
}

/** That tests of other platforms are left to the jobs that build those. */
export function tellTestsElsewhere({ testsElsewhere }: Pick<BuildInputs, 'testsElsewhere'>, log: Pick<Log, 'notice'>) {
  for (const { name, platforms } of testsElsewhere) {
    log.notice(`The smoke test "${name}" is for ${platforms.join(', ')}, and is left to the shard that builds it`);
  }
}
