import * as v from 'valibot';

/** Text that says something. */
export const words = v.pipe(v.string(), v.trim(), v.minLength(1, 'must not be empty'));
