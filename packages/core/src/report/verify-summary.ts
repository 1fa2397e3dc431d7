import { predicateName } from '../sigstore/predicates.ts';
import type { BundleReport, VerifyReport } from '../stages/verify/report.ts';
import { code, details, escape, sections, table } from './markdown.ts';
import { consumerCommands, consumerSnippets } from './consumer-checks.ts';
import { evidenceDiagram } from './evidence-diagram.ts';
import { mermaidBlock } from './mermaid.ts';
import { shellBlock } from './shell-block.ts';

/**
 * The job summary of a verification: the answer, who was asked for, what was found, and why not.
 * @param trustedRoot path of the trusted root, where it was not the public one
 */
export function verifySummary(report: VerifyReport, trustedRoot?: string): string {
  const commands = consumerCommands(report, trustedRoot);
  return sections(
    `## ${report.verified ? '✅ Verified' : `❌ Not verified: ${report.outcome}`}`,
    code(`${report.repository}@${report.digest}`),
    report.failure && sections(`**${escape(report.failure.message)}**`, escape(report.failure.hint)),
    '### Who may sign',
    table(
      ['', ''],
      Object.entries(report.policy).map(([name, value]) => [escape(name), code(value)]),
    ),
    report.requirements.length > 0 ? '### What has to be there' : undefined,
    table(
      ['Evidence', '', 'Found'],
      report.requirements.map(({ predicateType, met, detail }) => [
        code(predicateName(predicateType)),
        met ? '✅' : '❌',
        escape(detail),
      ]),
    ),
    lostBlock(report),
    bundleTable(report.bundles),
    mermaidBlock(evidenceDiagram(report)),
    commands.length > 0 ? details('Check it yourself', shellBlock(commands)) : undefined,
    ...consumerSnippets(report, trustedRoot),
  );
}

/** One line for every list of referrers that lost entries. */
export function lostLines({ lost }: VerifyReport): readonly string[] {
  const bySubject = Map.groupBy(lost, ({ subjectName }) => subjectName);
  return [...bySubject].map(([name, entries]) => {
    const types = entries.map(({ predicateType }) => predicateName(predicateType)).join(', ');
    return `The list of referrers of ${name} lost ${types}: another program overwrote it. Run sign on this digest again to put them back.`;
  });
}

function lostBlock(report: VerifyReport): string | undefined {
  const lines = lostLines(report);
  return lines.length === 0 ? undefined : sections('### Lost evidence', ...lines.map((line) => `⚠️ ${escape(line)}`));
}

function bundleTable(bundles: readonly BundleReport[]): string {
  const rows = bundles.map((bundle) => [
    code(predicateName(bundle.predicateType ?? 'unknown')),
    escape(bundle.subjectName),
    bundle.identity === undefined ? '–' : code(bundle.identity),
    bundle.sourceRepository === undefined ? '–' : code(`${bundle.sourceRepository}@${bundle.sourceRef ?? ''}`),
    bundle.signedAt ?? '–',
    bundle.accepted ? '✅ accepted' : `❌ ${code(bundle.refusal ?? '')} ${escape(bundle.reason ?? '')}`,
  ]);
  const shown = table(['What', 'On', 'Who', 'For', 'When', ''], rows);
  return rows.length === 0 ? '' : details(`${rows.length} bundles found`, shown);
}
