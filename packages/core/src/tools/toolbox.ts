import type { ToolName } from './catalog.ts';
import { type InstallOptions, resolveTool, type ToolBinary } from './install.ts';

/** Where stages get their programs from. */
export interface Toolbox {
  /** @throws PlimsollError see {@link resolveTool} */
  get(name: ToolName): Promise<ToolBinary>;
}

export interface ToolboxOptions extends Omit<InstallOptions, 'overridePath'> {
  /** Programs to use instead of releases. */
  readonly overrides?: Partial<Record<ToolName, string>> | undefined;
}

/** Resolves each tool once, when it is first asked for; a failure is tried again at the next call. */
export function createToolbox({ overrides = {}, ...options }: ToolboxOptions): Toolbox {
  const resolved = new Map<ToolName, Promise<ToolBinary>>();
  const resolve = (name: ToolName): Promise<ToolBinary> => {
    const found = resolveTool(name, { ...options, overridePath: overrides[name] });
    resolved.set(name, found);
    found.catch(() => resolved.delete(name));
    return found;
  };
  return { get: (name) => resolved.get(name) ?? resolve(name) };
}
