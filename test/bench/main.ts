import { type Figure, isOk } from './figure.ts';
import { jsonLine, table } from './report.ts';
import { build } from './build.ts';
import { promote } from './promote.ts';
import { prune } from './prune.ts';
import { scan } from './scan.ts';
import { sign } from './sign.ts';
import { start } from './start.ts';
import { verify } from './verify.ts';

/** Every bench by its name. */
const BENCHES: Readonly<Record<string, (flags: readonly string[]) => Promise<Figure[]>>> = {
  build,
  promote,
  prune,
  scan,
  sign,
  start,
  verify,
};

const [name = '', ...flags] = process.argv.slice(2);
const bench = BENCHES[name];
if (bench === undefined) {
  console.error(`There is no bench "${name}". These are: ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 1;
} else {
  const figures = await bench(flags);
  console.log(`\n${table(figures)}\n`);
  for (const figure of figures) console.log(jsonLine(figure));
  if (!figures.every(isOk)) process.exitCode = 1;
}
