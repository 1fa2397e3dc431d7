import { toolOverrides } from '../tools/catalog.ts';
import type { ToolPorts } from '../tools/tool-ports.ts';
import { createToolbox } from '../tools/toolbox.ts';
import type { ActionContext } from './action.ts';

/** The tools of one action: `PLIMSOLL_TOOL_*` paths first, then the runner's tool cache, then the releases. */
export function toolPorts({ github, log, http, clock, signal, env }: ActionContext<never>): ToolPorts {
  const overrides = toolOverrides({ ...env });
  const toolbox = createToolbox({ toolCacheDir: github.toolCacheDir, log, http, clock, signal, overrides });
  return { toolbox, log, env: { ...env }, tempDir: github.tempDir, signal };
}
