import { toolOverrides } from '../tools/catalog.ts';
import { createToolbox, type Toolbox } from '../tools/toolbox.ts';
import type { Log } from '../runtime/log.ts';
import type { ActionContext } from './action.ts';

/** What every wrapper of a tool is given. */
export interface ToolPorts {
  readonly toolbox: Toolbox;
  readonly log: Log;
  readonly env: NodeJS.ProcessEnv;
  readonly tempDir: string;
  readonly signal: AbortSignal;
}

/** The tools of one action: `PLIMSOLL_TOOL_*` paths first, then the runner's tool cache, then the releases. */
export function toolPorts({ github, log, http, clock, signal, env }: ActionContext<never>): ToolPorts {
  const overrides = toolOverrides({ ...env });
  const toolbox = createToolbox({ toolCacheDir: github.toolCacheDir, log, http, clock, signal, overrides });
  return { toolbox, log, env: { ...env }, tempDir: github.tempDir, signal };
}
