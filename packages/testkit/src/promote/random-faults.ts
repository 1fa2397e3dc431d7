import type { Random } from '../github/random.ts';
import type { Fault, RegistryRequest } from '../registry/memory-wire.ts';

type Injector = (request: RegistryRequest) => Fault;

/** What a registry may answer instead, each as it is seen in the wild. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  '401': { status: 401, body: error('UNAUTHORIZED') },
  '403': { status: 403, body: error('DENIED') },
  '404': { status: 404, body: error('MANIFEST_UNKNOWN') },
  '404 for a repository': { status: 404, body: error('NAME_UNKNOWN') },
  '429': { status: 429, headers: { 'retry-after': '1' }, body: error('TOOMANYREQUESTS') },
  '500': { status: 500, body: error('UNKNOWN') },
  reset: 'reset',
  truncated: { truncate: 1 },
  'wrong digest': {
    status: 200,
    headers: {
      'content-type': 'application/vnd.oci.image.manifest.v1+json',
      'docker-content-digest': `sha256:${'0'.repeat(64)}`,
    },
    body: '{"schemaVersion":2}',
  },
  HTML: { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>maintenance</html>' },
};

/** Faults that a registry may also mean: that there is nothing. */
const DENIALS: readonly Fault[] = ['404', '404 for a repository', 'wrong digest', 'HTML'].map((name) => FAULTS[name]);

/**
 * Each request fails with some probability, in a random way. That something is not there, or that there is no
 * such API, is said falsely only once: what is always denied cannot be told from what does not exist.
 */
export function randomFaults(random: Random, probability: number): Injector {
  const faults = Object.values(FAULTS);
  let denied = false;
  return () => {
    const fault = random.chance(probability) ? random.pick(faults) : undefined;
    if (!DENIALS.includes(fault) || fault === undefined) return fault;
    const first = !denied;
    denied = true;
    return first ? fault : undefined;
  };
}

/** The n-th request, from 0, fails in one way; with `forever`, all that come after it too. */
export function faultAt(position: number, fault: Fault, forever = false): Injector {
  let number = -1;
  return () => {
    number += 1;
    return number === position || (forever && number > position) ? fault : undefined;
  };
}

function error(code: string): string {
  return JSON.stringify({ errors: [{ code, message: 'no' }] });
}
