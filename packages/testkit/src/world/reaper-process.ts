// Runs beside a world. Reads what the world owns, one JSON object a line, and when the pipe ends -
// because the world was closed or because its process is gone - puts an end to all of it.
import { createInterface } from 'node:readline';
import type { ReaperLine } from './reaper.ts';
import { sweep } from './reaper-sweep.ts';

const directory = process.argv[2] ?? '';
const groups: number[] = [];
const commands: (readonly string[])[] = [];
const cgroups: string[] = [];

// The terminal's Ctrl-C is for the world; this process still has the cleaning to do.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const item = JSON.parse(line) as ReaperLine;
  if (item.kind === 'group') groups.push(item.id);
  else if (item.kind === 'command') commands.push(item.argv);
  else cgroups.push(item.name);
});
lines.on('close', () => {
  if (directory !== '') sweep({ directory, groups, commands, cgroups });
});
