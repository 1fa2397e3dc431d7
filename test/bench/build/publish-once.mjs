// One publication as the build action makes it: node publish-once.mjs LAYOUT HOST REPOSITORY
// Prints how many milliseconds it took: the action is a program that runs already when it publishes.
import { noCredentials } from '@plimsoll/core/oci/auth/credentials';
import { openLayout } from '@plimsoll/core/oci/layout';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import { publish } from '@plimsoll/core/stages/publish';

const [layout = '', registry = '', name = ''] = process.argv.slice(2);
const started = performance.now();
const content = await openLayout(layout);
const repository = new Registries({ credentials: noCredentials }).repository({ registry, repository: name }, 'push');
await publish({ content, repository });
console.log(performance.now() - started);
