import { completionCommand } from './completion-command.ts';
import { doctorCommand } from './doctor-command.ts';
import { explainCommand } from './explain-command.ts';
import { initCommand } from './init-command.ts';
import type { OwnCommand } from './own-command.ts';
import { policyCommand } from './policy-command.ts';

/** The commands that are no actions. */
export const OWN_COMMANDS: Readonly<Record<string, OwnCommand>> = {
  policy: policyCommand,
  explain: explainCommand,
  init: initCommand,
  doctor: doctorCommand,
  completion: completionCommand(() => OWN_COMMANDS),
};
