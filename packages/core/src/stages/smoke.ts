import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { platformName } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { type LaunchConfig, launchConfigOf, withoutTriggers } from '../oci/launch-config.ts';
import type { Layout } from '../oci/layout.ts';
import { type ImagePlatform, platformsOf } from '../oci/platforms.ts';
import { argvOf, type SmokeTest } from '../policy/smoke-test.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { mapConcurrently } from '../runtime/concurrent.ts';
import type { Log } from '../runtime/log.ts';
import { seconds } from '../report/stage-line.ts';
import type { ImageRun, RunEnd } from '../tools/image-run.ts';
import { withoutDefaultVariant } from '../oci/platform-names.ts';
import { assignPlatforms, type SpreadNode } from './build/spread-build.ts';
import { judged, type SmokeResult } from './smoke/judgement.ts';
import { logOutput } from './smoke/output.ts';

export interface SmokeRequest {
  /** What is to be published; its root is an index or one manifest. */
  readonly layout: Layout;
  readonly tests: readonly SmokeTest[];
  /** Where its platforms are at home; the builder in use when empty. */
  readonly nodes: readonly SpreadNode[];
  /** An existing directory. */
  readonly tempDir: string;
}

export interface SmokePorts {
  readonly runInImage: (task: ImageRun) => Promise<RunEnd>;
  readonly log: Log;
  readonly clock?: Clock;
}

/** More at a time and their time limits would measure each other. */
const AT_ONCE = 2;

/**
 * Starts the image on each of its platforms as the tests say, in BuildKit, with the network off. Nothing that it
 * does is kept. Never throws for what the image does: the results say it, and {@link requireSmoke} judges them.
 *
 * @throws PlimsollError what the builder cannot do at all (`builder-missing`, `disk-full`, `build-failed`),
 *   `manifest-invalid`, `cancelled`
 */
export async function smokeTest(request: SmokeRequest, ports: SmokePorts): Promise<readonly SmokeResult[]> {
  const { layout, tests, tempDir } = request;
  const platforms = await platformsOf(layout, layout.root.digest);
  const scratch = await mkdtemp(path.join(tempDir, 'plimsoll-smoke-'));
  try {
    const subjects = await Promise.all(
      platforms.map((each, index) => subjectOf(request, each, path.join(scratch, String(index)))),
    );
    const pairs = tests.flatMap((test) =>
      subjects.filter(({ platform }) => isFor(test, platform)).map((subject) => ({ test, subject })),
    );
    return await mapConcurrently(pairs, AT_ONCE, ({ test, subject }) => runOne(test, subject, ports));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** One platform of the image, as it is started. */
interface Subject extends Pick<ImageRun, 'layout' | 'digest' | 'platform' | 'builder'> {
  readonly launch: LaunchConfig;
  /** As it is published. */
  readonly published: Digest;
}

async function subjectOf({ layout, nodes }: SmokeRequest, each: ImagePlatform, own: string): Promise<Subject> {
  const published = each.descriptor.digest;
  const platform = platformName(each.platform);
  const launch = await launchConfigOf(layout, published);
  const [builder] = assignPlatforms([platform], nodes).keys();
  const subject = { launch, published, platform, builder };
  if (!launch.hasTriggers) return { ...subject, layout: layout.directory, digest: published };
  return { ...subject, layout: own, digest: await withoutTriggers(layout, published, own) };
}

function isFor({ platforms }: SmokeTest, platform: string): boolean {
  const same = withoutDefaultVariant(platform);
  return platforms.length === 0 || platforms.some((wanted) => withoutDefaultVariant(wanted) === same);
}

async function runOne(test: SmokeTest, subject: Subject, ports: SmokePorts): Promise<SmokeResult> {
  const { log, clock = systemClock } = ports;
  const { launch, published, ...task } = subject;
  const started = clock.now().getTime();
  const argv = argvOf(test, launch);
  const end: RunEnd =
    argv.length === 0
      ? { kind: 'not-started', reason: 'the image has neither ENTRYPOINT nor CMD', foreign: false }
      : await ports.runInImage({ ...task, argv, timeoutMs: test.timeoutMs });
  const milliseconds = clock.now().getTime() - started;
  const result = { test: test.name, platform: task.platform, digest: published, ...judged(test, end), milliseconds };
  if (result.outcome === 'passed') log.info(`  ✔ ${test.name} on ${task.platform} (${seconds(milliseconds)})`);
  else await logOutput(result, end, log);
  return result;
}
