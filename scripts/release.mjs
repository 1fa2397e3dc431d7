// Releases the commit of this run as the version that its tag names; .github/workflows/release.yml runs it after everything is proved.
//   node scripts/release.mjs vX.Y.Z
import { publishRelease } from './house/release.mjs';

const { GITHUB_API_URL: api = 'https://api.github.com', GITHUB_REPOSITORY: repository = '' } = process.env;
const { GITHUB_SHA: commit = '', GH_TOKEN: token = '' } = process.env;

try {
  for (const line of await publishRelease({ tag: process.argv[2] ?? '', commit }, { api, repository, token })) {
    console.log(line);
  }
} catch (error) {
  console.error(`::error::${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
