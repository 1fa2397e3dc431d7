/**
 * One spelling for the ids that trivy's checks have had, all of which its ignore files still take: `DS002`, `AVD-DS-0002` and
 * `DS-0002` are the same check. The report has only the last (trivy 0.72, pkg/types/misconfiguration.go).
 */
export function checkId(text: string): string {
  const [, family, number] = /^(?:AVD-)?([A-Z]+)-?(\d{1,4})$/.exec(text.toUpperCase()) ?? [];
  return family === undefined || number === undefined ? text : `${family}-${number.padStart(4, '0')}`;
}
