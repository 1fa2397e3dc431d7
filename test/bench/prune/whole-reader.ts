/** Where the two planes of the package are. */
export interface Planes {
  readonly apiUrl: string;
  /** `host:port` of the registry. */
  readonly host: string;
  readonly token: string;
  /** `owner` and `pkg`. */
  readonly owner: string;
  readonly pkg: string;
}

/** What it asked for. */
export interface Asked {
  lists: number;
  manifests: number;
}

const PARALLEL = 10;

/**
 * The requests of a cold dry run of dataaxiom/ghcr-cleanup-action, sent for real: it is no npm package that could be
 * installed here. Its own bundle, run against an emulator, asked for 101 pages and 10,001 manifests of 10,001 versions:
 * the first page alone, ten of the rest at a time, and then the manifest of every version, ten at a time.
 */
export async function readWhole({ apiUrl, host, token, owner, pkg }: Planes): Promise<Asked> {
  const asked: Asked = { lists: 0, manifests: 0 };
  const list = `${apiUrl}/orgs/${owner}/packages/container/${pkg}/versions?per_page=100`;
  const page = async (number: number) => {
    asked.lists += 1;
    const answer = await fetch(`${list}&page=${number}`, { headers: { authorization: `Bearer ${token}` } });
    const versions = (await answer.json()) as readonly { readonly name: string }[];
    return { digests: versions.map(({ name }) => name), link: answer.headers.get('link') ?? '' };
  };
  const first = await page(1);
  const last = Number(/[?&]page=(\d+)[^>]*>; rel="last"/.exec(first.link)?.[1] ?? 1);
  const rest = Array.from({ length: last - 1 }, (_, index) => index + 2);
  const pages = await tenAtATime(rest, page);
  const bearer = await registryToken(host, token);
  await tenAtATime(
    [first, ...pages].flatMap(({ digests }) => digests),
    async (digest) => {
      asked.manifests += 1;
      const headers = { authorization: `Bearer ${bearer}` };
      const answer = await fetch(`http://${host}/v2/${owner}/${pkg}/manifests/${digest}`, { headers });
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`${digest}: ${answer.status}`);
    },
  );
  return asked;
}

async function registryToken(host: string, token: string): Promise<string> {
  const authorization = `Basic ${Buffer.from(`token:${token}`).toString('base64')}`;
  const answer = await fetch(`http://${host}/token?service=ghcr.io`, { headers: { authorization } });
  return ((await answer.json()) as { readonly token: string }).token;
}

async function tenAtATime<T, R>(items: readonly T[], each: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += PARALLEL)
    results.push(...(await Promise.all(items.slice(at, at + PARALLEL).map(each))));
  return results;
}
