// docs/troubleshooting.md: every error code, what it means and what to do.
import { ERROR_ADVICE } from '../../packages/core/src/runtime/error-advice.ts';
import { ERROR_CODES } from '../../packages/core/src/runtime/error-codes.ts';

const HEAD = `# Troubleshooting

Every failure that can be expected ends with a code, a message and a hint:

\`\`\`
Error: This job may not request an identity token
hint: add "permissions: id-token: write" to the job
more: https://github.com/plimsoll-ci/plimsoll/blob/main/docs/troubleshooting.md#oidc-unavailable
\`\`\`

The code (the title of the annotation, and the end of the link) is the stable part, and this page has a section for each.
A failure without a code is a bug of ours; it is shown with a stack and a place to report it.
`;

/** @param {keyof typeof ERROR_CODES} code */
function section(code) {
  return `## ${code}\n\n${ERROR_CODES[code]}\n\n**What to do.** ${ERROR_ADVICE[code]}\n`;
}

/** @returns {{ file: string, content: string }} */
export function troubleshootingDocument() {
  const codes = /** @type {(keyof typeof ERROR_CODES)[]} */ (Object.keys(ERROR_CODES));
  return { file: 'docs/troubleshooting.md', content: [HEAD, ...codes.map(section)].join('\n') };
}
