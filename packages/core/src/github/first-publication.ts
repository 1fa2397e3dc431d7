import type { RepositoryName } from '../oci/reference.ts';
import type { Visibility } from '../report/visibility.ts';
import { isFailure } from '../runtime/errors.ts';
import { pick } from '../runtime/pick.ts';
import type { ActionContext } from './action.ts';
import { isGhcr, packageSettingsUrl, packageVisibility } from './package-page.ts';

/**
 * A package of GHCR is private when it is new, which surprises those who publish in the open, and no API can change
 * that. Asked only about one that has no tag yet; for any other registry there is nothing to say.
 * @param published tags of the repository before this run; absent where that could not be told
 */
export async function firstVisibility(
  name: RepositoryName,
  published: readonly string[] | undefined,
  context: Pick<ActionContext, 'github' | 'env' | 'api' | 'log'>,
): Promise<Visibility | undefined> {
  if (published === undefined || published.length > 0 || !isGhcr(name, context)) return undefined;
  const { github, log } = context;
  const settingsUrl = packageSettingsUrl(name, github);
  const is = await visibilityOf(name, context);
  const isOpenSource = pick(github.event, 'repository', 'private') === false;
  if (is !== 'public' && isOpenSource) {
    const what = is === 'unknown' ? 'may be private' : `is ${is}`;
    log.notice(`This package ${what}, and only a person can make it public: ${settingsUrl}`);
  }
  return { is, settingsUrl };
}

async function visibilityOf(name: RepositoryName, { api, log }: Pick<ActionContext, 'api' | 'log'>): Promise<string> {
  try {
    return (await packageVisibility(name, api())) ?? 'unknown';
  } catch (error) {
    if (!isFailure(error) || error.code === 'cancelled') throw error;
    log.info(`Who can see the package could not be told: ${error.message}`);
    return 'unknown';
  }
}
