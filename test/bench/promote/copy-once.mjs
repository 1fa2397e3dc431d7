// One copy as the promote action makes it, without the policy: node copy-once.js SOURCE_HOST DEST_HOST REPOSITORY TAG
import { noCredentials } from '@plimsoll/core/oci/auth/credentials';
import { executeCopy } from '@plimsoll/core/oci/copy';
import { planCopy } from '@plimsoll/core/oci/copy-plan';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import { keepFootprintSmall } from '@plimsoll/core/runtime/small-footprint';
import { findSource } from '@plimsoll/core/stages/promote/plan-legs';
import { applyTags, lookAtTags, planTags } from '@plimsoll/core/stages/tags';

keepFootprintSmall();
const [from = '', to = '', destination = '', tag = ''] = process.argv.slice(2);
const registries = new Registries({ credentials: noCredentials });
const source = registries.repository({ registry: from, repository: 'acme/app' });
const target = registries.repository({ registry: to, repository: destination }, 'push');

const wanted = [{ name: tag, class: /** @type {const} */ ('immutable') }];
const [root, seen] = await Promise.all([findSource(tag, source), lookAtTags(target, wanted)]);
const tags = planTags(seen, root.digest, wanted);
const published = tags.moves.some(({ before }) => before === root.digest);
const plan = await planCopy({ source, target, root, referrers: true, published });
const result = await executeCopy(plan, { source, target, proofFollows: true });
await applyTags(target, tags);
console.log(JSON.stringify({ ...result, rss: process.resourceUsage().maxRSS * 1024 }));
