import path from 'node:path';
import { formatReference } from '@plimsoll/core/oci/reference';
import { Layout } from '@plimsoll/core/oci/layout';
import { copyToLayout } from '@plimsoll/core/oci/layout-copy';
import { descriptorOf } from '@plimsoll/core/oci/manifest';
import type { MemberBase } from '@plimsoll/core/stages/build/member-bases';
import type { Vetted } from '@plimsoll/core/stages/pipeline/member';
import type { PipelineContext } from './inputs.ts';
import type { Job } from './job.ts';
import type { RunTools } from './run-tools.ts';

interface Place {
  readonly tools: RunTools;
  readonly context: PipelineContext;
}

/** The images that one is built on, each as a layout that has exactly what was scanned or verified. */
export async function basesOf(
  { needs }: Job,
  vetted: readonly Vetted[],
  { tools, context }: Place,
): Promise<readonly MemberBase[]> {
  const found = needs.map(async ({ context: name, member }) => {
    const base = vetted.find((each) => each.name === member);
    const job = tools.jobs.find((each) => each.name === member);
    if (base === undefined || job === undefined) throw new Error(`${member} was not vetted`);
    const { content } = base.built ?? {};
    const layout = content instanceof Layout ? content.directory : await fetched(base, job, { tools, context });
    const reference = formatReference({ ...job.given.build.image, tag: job.image.tags.commit });
    return { context: name, reference, digest: base.digest, layout };
  });
  return Promise.all(found);
}

/** What an earlier run made and this one verified, brought here once for all that stand on it. */
function fetched({ name, digest }: Vetted, { repository }: Job, { tools, context }: Place): Promise<string> {
  return tools.memory.once(`layout of ${name}`, async () => {
    // No image can have this name, and with it this directory for itself.
    const directory = path.join(path.dirname(context.github.tempDir), '.bases', name);
    const root = descriptorOf(await repository.manifest(digest));
    await copyToLayout({ source: repository, root, directory, referrers: false });
    return directory;
  });
}
