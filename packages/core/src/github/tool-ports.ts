import { toolOverrides } from '../tools/catalog.ts';
import type { ToolPorts } from '../tools/tool-ports.ts';
import { createToolbox, type Toolbox } from '../tools/toolbox.ts';
import type { ActionContext } from './action.ts';

/** By what they download with, of which a run has one: a tool is looked for, and its hash checked, once. */
const TOOLBOXES = new WeakMap<object, Toolbox>();

/** The tools of one action: `PLIMSOLL_TOOL_*` paths first, then the runner's tool cache, then the releases. */
export function toolPorts({ github, log, http, clock, signal, env, secrets }: ActionContext<never>): ToolPorts {
  const overrides = toolOverrides({ ...env });
  const options = { toolCacheDir: github.toolCacheDir, log, http, clock, signal, overrides };
  const toolbox = TOOLBOXES.get(http) ?? createToolbox(options);
  TOOLBOXES.set(http, toolbox);
  const isSecret = (text: string) => secrets.isIn(text);
  return { toolbox, log, env: { ...env }, isSecret, tempDir: github.tempDir, signal };
}
