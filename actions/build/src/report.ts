import path from 'node:path';
import { type BuildSummary, buildSummary } from '@plimsoll/core/report/build-summary';
import { platformDigests, platformRows } from '@plimsoll/core/report/platform-rows';
import type { BuildResult } from '@plimsoll/core/stages/build';
import { sbomPaths } from '@plimsoll/core/stages/build/sbom-files';
import type { BuildContext } from './inputs.ts';

/** What an image is called. */
export type Summary = Pick<BuildSummary, 'image' | 'version' | 'tags'>;
type Made = { readonly built: BuildResult; readonly summary: Summary; readonly pushed: boolean };

/** Writes the outputs and the summary of a build. */
export function report({ built, summary, pushed }: Made, { outputs, summary: page, github }: BuildContext): void {
  const { digest, layout, platforms, sboms, dockerfile, milliseconds } = built;
  outputs.set('digest', digest);
  outputs.set('image', `${summary.image}@${digest}`);
  outputs.set('layout', layout.directory);
  outputs.set('platform-digests', JSON.stringify(platformDigests(platforms)));
  outputs.set('sboms', JSON.stringify(sbomPaths(sboms)));
  outputs.set('pushed', pushed);
  const file = path.relative(github.workspace, dockerfile);
  const rows = platformRows(platforms);
  page.append(
    buildSummary({ ...summary, digest, layout: layout.directory, platforms: rows, pushed, file, milliseconds }),
  );
}
