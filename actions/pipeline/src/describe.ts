import { platformName } from '@plimsoll/core/oci/descriptor';
import { bytes } from '@plimsoll/core/report/bytes';
import { plural } from '@plimsoll/core/report/wording';
import { smokeText } from '@plimsoll/core/report/smoke-table';
import { short } from '@plimsoll/core/report/promote-summary';
import type { BuiltImage } from '@plimsoll/core/stages/build';
import type { PublishResult } from '@plimsoll/core/stages/publish';
import type { ScanResult } from '@plimsoll/core/stages/scan';
import type { SignResult } from '@plimsoll/core/stages/sign';
import type { Coverage } from '@plimsoll/core/stages/scan/report';
import type { TagMove } from '@plimsoll/core/stages/tags';
import type { VerifyReport } from '@plimsoll/core/stages/verify';

/** A few words on how each stage ended, for the log and for the summary. */
export const describeStage = {
  build: ({ digest, platforms, artifact }: BuiltImage) =>
    `${artifact ? plural(artifact.files.length, 'file') : platforms.map(({ platform }) => platformName(platform)).join(', ')}, ${short(digest)}`,
  scan: ({ outcome, counts, report }: ScanResult) =>
    `${outcome}: ${counts.critical + counts.high} high or critical, ${counts.medium + counts.low} below, ` +
    `${plural(...lookedAt(report.coverage))} looked at`,
  smoke: smokeText,
  publish: ({ manifests, bytesMoved }: PublishResult) => `${manifests} manifests, ${bytes(bytesMoved)}, by digest`,
  sign: ({ attestations, signedDigests }: SignResult) =>
    `${signedDigests.length} signatures, ${attestations.length - signedDigests.length} attestations`,
  verify: ({ bundles }: VerifyReport) => `${bundles.filter(({ accepted }) => accepted).length} bundles accepted`,
  tag: (moves: readonly TagMove[]) => moves.map(({ name }) => name).join(', '),
} as const;

function lookedAt({ platforms, files = [] }: Coverage): readonly [count: number, noun: string] {
  return files.length > 0 ? [files.length, 'file'] : [platforms.length, 'platform'];
}
