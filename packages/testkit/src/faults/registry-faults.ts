import type { ErrorCode } from '@plimsoll/core/runtime/error-codes';
import type { Fault } from '../world/registry/front.ts';

/** One way in which a registry fails, and the code of the error it must become. */
export interface RegistryFault {
  readonly name: string;
  readonly fault: Fault;
  readonly code: ErrorCode;
  /** Whether asking again is right. 400, 401 and 403 only get worse by it. */
  readonly retried: boolean;
}

const HTML = { 'content-type': 'text/html; charset=utf-8' };
const error = (code: string) => ({ errors: [{ code, message: 'no' }] });

/** How registries fail, from the outside. */
export const REGISTRY_FAULTS: readonly RegistryFault[] = [
  row('401', { status: 401, body: error('UNAUTHORIZED') }, 'registry-unauthorized', false),
  row('403', { status: 403, body: error('DENIED') }, 'registry-denied', false),
  row('429', { status: 429, body: error('TOOMANYREQUESTS') }, 'registry-rate-limited', true),
  row(
    '429 for an hour',
    { status: 429, body: error('TOOMANYREQUESTS'), headers: { 'retry-after': '3600' } },
    'registry-rate-limited',
    false,
  ),
  row('500', { status: 500, body: error('UNKNOWN') }, 'registry-unavailable', true),
  row('503', { status: 503, body: error('UNAVAILABLE') }, 'registry-unavailable', true),
  row(
    'an HTML page with 200',
    { status: 200, body: '<html>Sign in</html>', headers: HTML },
    'registry-protocol',
    false,
  ),
  row('a reset connection', 'reset', 'registry-unreachable', true),
];

function row(...[name, fault, code, retried]: readonly [string, Fault, ErrorCode, boolean]): RegistryFault {
  return { name, fault, code, retried };
}
