// npm run demo: from a clean clone to a promoted image. This part prepares; packages/testkit/src/demo tells the story.
import { explain, mayGoOn, requirements } from './house/demo-plan.mjs';
import { ensureInstalled } from './house/install.mjs';
import { startUnderNode24 } from './house/start-under-node24.mjs';
import { installablePackages, installPackages } from './house/system-packages.mjs';

const args = process.argv.slice(2);
const missing = requirements();
const packages = installablePackages();
if (missing.length > 0) {
  console.error(`The demo needs ${missing.join(' and ')}.`);
  process.exit(1);
}
console.log(explain(packages));
if (!(await mayGoOn(args))) process.exit(0);

ensureInstalled();
if (!installPackages(packages)) console.error('apt-get failed; going on, the builder will say what it misses');
const own = ['--yes'];
startUnderNode24(
  'scripts/house/demo-main.mjs',
  args.filter((arg) => !own.includes(arg)),
);
