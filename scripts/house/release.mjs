// What a release leaves on GitHub: the release of an immutable vX.Y.Z, and the plain tag vX on it.

const VERSION = /^v(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)$/;

/**
 * @typedef {object} Place
 * @property {string} api `https://api.github.com`
 * @property {string} repository `owner/name`
 * @property {string} token
 */

/** @param {string} tag @returns {readonly number[]} */
function numbers(tag) {
  const { major, minor, patch } = VERSION.exec(tag)?.groups ?? {};
  return [major, minor, patch].map(Number);
}

/** @param {string} one @param {string} other @returns {boolean} whether the first is the higher version */
export function isHigher(one, other) {
  const [ours, theirs] = [numbers(one), numbers(other)];
  const at = ours.findIndex((number, index) => number !== theirs[index]);
  return at >= 0 && (ours[at] ?? 0) > (theirs[at] ?? 0);
}

/** @param {Place} place */
function client({ api, repository, token }) {
  /** @param {string} path @param {{ method?: string, body?: unknown, allow?: readonly number[] }} [call] */
  return async (path, { method = 'GET', body, allow = [] } = {}) => {
    const response = await fetch(`${api}/repos/${repository}/${path}`, {
      method,
      headers: { accept: 'application/vnd.github+json', authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok && !allow.includes(response.status)) throw new Error(`${method} ${path}: ${response.status}`);
    return { status: response.status, body: response.status === 404 ? undefined : await response.json() };
  };
}

/**
 * Releases a commit as a version that nothing else was released as, and moves the plain tag of its major version there, unless a higher
 * version of it is released. Run again it finishes what it began.
 *
 * @param {{ tag: string, commit: string }} release
 * @param {Place} place
 * @returns {Promise<readonly string[]>} what was done, one line each
 * @throws {Error} when the version is released from another commit
 */
export async function publishRelease({ tag, commit }, place) {
  if (!VERSION.test(tag)) throw new Error(`${tag} is no version; a release is named vX.Y.Z`);
  const ask = client(place);
  const { body: released } = await ask(`releases/tags/${tag}`, { allow: [404] });
  if (released !== undefined && released.target_commitish !== commit) {
    throw new Error(`${tag} is released from ${released.target_commitish} and never moves: release another version`);
  }
  const done = [];
  if (released === undefined) {
    const body = { tag_name: tag, target_commitish: commit, generate_release_notes: true };
    await ask('releases', { method: 'POST', body });
    done.push(`released ${tag}`);
  }
  return [...done, await moveMajor({ tag, commit }, ask)];
}

/** @param {{ tag: string, commit: string }} release @param {ReturnType<typeof client>} ask */
async function moveMajor({ tag, commit }, ask) {
  const major = tag.slice(0, tag.indexOf('.'));
  const { body: refs } = await ask(`git/matching-refs/tags/${major}.`);
  const tags = refs.map((/** @type {{ ref: string }} */ { ref }) => ref.replace('refs/tags/', ''));
  const higher = tags.find((/** @type {string} */ other) => VERSION.test(other) && isHigher(other, tag));
  if (higher !== undefined) return `left ${major} with ${higher}`;
  const { status } = await ask(`git/refs/tags/${major}`, {
    method: 'PATCH',
    body: { sha: commit, force: true },
    // GitHub says 422 of a ref that does not exist.
    allow: [404, 422],
  });
  if (status >= 400) await ask('git/refs', { method: 'POST', body: { ref: `refs/tags/${major}`, sha: commit } });
  return `moved ${major} to ${tag}`;
}
