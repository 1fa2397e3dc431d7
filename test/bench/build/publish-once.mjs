// One publication as the build action makes it: node publish-once.mjs LAYOUT HOST REPOSITORY
// Prints how many milliseconds it took. As in the action, the program runs already, has talked to the registry before, and
// knows that people pull another image now.
import { noCredentials } from '@plimsoll/core/oci/auth/credentials';
import { openLayout } from '@plimsoll/core/oci/layout';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import { publish } from '@plimsoll/core/stages/publish';

const [layout = '', registry = '', name = ''] = process.argv.slice(2);
const repository = new Registries({ credentials: noCredentials }).repository({ registry, repository: name }, 'push');
await repository.resolve('sha-of-no-commit');
const started = performance.now();
const content = await openLayout(layout);
await publish({ content, repository, isNew: true });
console.log(performance.now() - started);
