import type { ActionFile } from './action-file.ts';
import { isSecretInput, variableFor } from './secret-input.ts';

export const EXIT_CODES = `Exit codes
  0    done; for verify and scan: it passed
  1    it failed or did not pass; the last "error CODE" line says why (docs/troubleshooting.md)
  2    the command line is wrong; nothing was started
  130  cancelled`;

const COMMON = `  --json      One JSON object on standard output: ok, exitCode, outputs, errors; the log stays on standard error
  --verbose   Also what the tools say while they work
  --help      This text`;

/** Made from action.yml, so that it cannot say anything else than the action. */
export function actionHelp(action: ActionFile): string {
  const main = action.operand;
  const inputs = action.inputs.filter(({ name }) => !Object.hasOwn(action.fixed, name));
  return `Usage: plimsoll ${action.name} ${main.toUpperCase()} [--INPUT VALUE]...

${action.description}.

Inputs
${inputs.map((input) => inputHelp(input, main)).join('\n')}

Options
${COMMON}

Outputs
${action.outputs.map(({ name, description }) => `  ${name}\n      ${description}`).join('\n')}

${EXIT_CODES}`;
}

function inputHelp(
  { name, description, default: unset, required }: ActionFile['inputs'][number],
  main: string,
): string {
  if (name === 'policy') return POLICY_HELP;
  const secret = isSecretInput(name) ? `; only from the variable ${variableFor(name)}` : '';
  const token = name === 'github-token' ? ', else GITHUB_TOKEN or GH_TOKEN' : '';
  const shown = unset.replaceAll(/\s*\n\s*/g, ', ');
  const fallback = unset === '' || unset.includes('${{') ? '' : ` [${shown}]`;
  const position = name === main ? `; may be given without "--${name}"` : '';
  return `  ${secret === '' ? `--${name}` : name}${required ? ' (required)' : ''}\n      ${description}${secret}${token}${position}${fallback}`;
}

const POLICY_HELP =
  '  --policy\n      Path of a policy file on this machine [.github/plimsoll.yml if it is there, else the strict defaults]';
