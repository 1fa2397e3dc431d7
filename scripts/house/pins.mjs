// How workflows name our own actions.

const OURS = /(?<name>uses: plimsoll-ci\/plimsoll(?:\/[\w./-]+)?)@(?<ref>[\w./-]+)(?: # v[\d.]+)?/g;

/**
 * Pins every action of ours to a commit, and says which version that is.
 * @param {string} text a workflow
 * @param {{ sha: string, version: string }} release
 */
export function stamp(text, { sha, version }) {
  // Not the callers that a comment shows as an example: those name the version that people choose.
  return text.replaceAll(/^(?!\s*#).*$/gm, (line) => line.replace(OURS, `$<name>@${sha} # ${version}`));
}

/**
 * The refs at which a workflow uses actions of ours.
 * @param {string} text
 * @returns {string[]}
 */
export function pins(text) {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  return lines.flatMap((line) => [...line.matchAll(OURS)].map((match) => match.groups?.['ref'] ?? ''));
}
