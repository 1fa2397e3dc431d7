import { readBytes } from '../../oci/checked-stream.ts';
import type { Digest } from '../../oci/digest.ts';
import { parseManifest } from '../../oci/manifest.ts';
import type { RepositoryName } from '../../oci/reference.ts';
import type { Repository } from '../../oci/registry/repository.ts';
import { isFailure, PlimsollError } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';

export type Visibility = 'public' | 'private';

/** What is asked of the places where images now are. */
export interface OpennessWishes {
  readonly visibility: Visibility | undefined;
  /** Whether everybody has to be able to pull. */
  readonly pullCheck: boolean;
}

export interface OpennessPorts {
  /** The repository as somebody without any login sees it. */
  readonly anonymous: (name: RepositoryName) => Repository;
  /** What a registry with an API says of it; `undefined` for one that has none. */
  readonly visibilityOf: (name: RepositoryName) => Promise<Visibility> | undefined;
  /** Absent where nothing can set it. */
  readonly setVisibility?: (name: RepositoryName, wanted: Visibility) => Promise<void>;
  /** Where a person sets it. */
  readonly settingsUrl: (name: RepositoryName) => string | undefined;
  readonly log: Log;
}

export interface Openness {
  /** Absent when nobody asked. */
  readonly visibility?: { readonly is: Visibility | 'unknown'; readonly how: 'found' | 'set' | 'differs' };
  /** Whether it was pulled without a login. */
  readonly pulled?: boolean;
  readonly failure?: PlimsollError;
}

/** An image where it is now. */
export interface Arrived {
  readonly name: RepositoryName;
  readonly label: string;
  readonly digest: Digest;
  readonly tags: readonly string[];
}

/**
 * Sets or checks who can see a repository, and pulls from it as a stranger. Everything is in place by now, so that a
 * visibility that cannot be set is a warning; a pull that has to work and does not is a failure.
 */
export async function checkOpenness(image: Arrived, wishes: OpennessWishes, ports: OpennessPorts): Promise<Openness> {
  const visibility = wishes.visibility === undefined ? undefined : await settle(image, wishes.visibility, ports);
  const seen = visibility === undefined ? {} : { visibility };
  if (!wishes.pullCheck) return seen;
  try {
    await pullAsStranger(image, ports.anonymous(image.name));
    return { ...seen, pulled: true };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { ...seen, pulled: false, failure: refused(image, error, ports) };
  }
}

async function settle(image: Arrived, wanted: Visibility, ports: OpennessPorts): Promise<Openness['visibility']> {
  const { name, label } = image;
  try {
    if (ports.setVisibility !== undefined && ports.visibilityOf(name) === undefined) {
      await ports.setVisibility(name, wanted);
      return { is: wanted, how: 'set' };
    }
    const is = await (ports.visibilityOf(name) ?? seenFromOutside(image, ports));
    if (is === wanted) return { is, how: 'found' };
    ports.log.warning(`${label} is ${is}, not ${wanted}. ${byHand(name, ports)}`);
    return { is, how: 'differs' };
  } catch (error) {
    if (!isFailure(error) || error.code === 'cancelled') throw error;
    ports.log.warning(`Whether ${label} is ${wanted} could not be told: ${error.message}. ${byHand(name, ports)}`);
    return { is: 'unknown', how: 'differs' };
  }
}

function byHand(name: RepositoryName, { settingsUrl }: OpennessPorts): string {
  const url = settingsUrl(name);
  return url === undefined ? 'Set it in the settings of the registry.' : `Set it at ${url}`;
}

/** Registries answer a stranger the same for what is private and what is not there. */
async function seenFromOutside({ name, digest }: Arrived, { anonymous }: OpennessPorts): Promise<Visibility> {
  try {
    return (await anonymous(name).look(digest)) === undefined ? 'private' : 'public';
  } catch (error) {
    if (isFailure(error, 'registry-unauthorized', 'registry-denied')) return 'private';
    throw error;
  }
}

/** By each tag down to the config of one platform: what `docker pull` has to read before any layer. */
async function pullAsStranger({ digest, tags, label }: Arrived, stranger: Repository): Promise<void> {
  for (const tag of tags) {
    const found = (await stranger.look(tag))?.digest;
    if (found !== digest) throw notThere(`${label}:${tag} is ${found ?? 'nothing'} for a stranger, not ${digest}`);
  }
  const root = parseManifest(await stranger.manifest(digest));
  const [first] = root.kind === 'index' ? root.manifests : [];
  const image = first === undefined ? root : parseManifest(await stranger.manifest(first.digest));
  if (image.kind === 'image') await readBytes(await stranger.blob(image.config));
}

function notThere(message: string): PlimsollError {
  return new PlimsollError('registry-not-found', message, { hint: 'Make the repository public.' });
}

function refused({ name, label, digest }: Arrived, cause: PlimsollError, ports: OpennessPorts): PlimsollError {
  return new PlimsollError('pull-denied', `${label}@${digest} cannot be pulled without a login: ${cause.message}`, {
    hint: `The image is promoted. ${byHand(name, ports)}, or leave "pull-check" out.`,
    cause,
  });
}
