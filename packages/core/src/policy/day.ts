import * as v from 'valibot';

/** Whether the text is a day of the calendar, as `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** A day as the policy file has it. */
export const day = v.pipe(v.string(), v.check(isDay, 'write a day that exists, as YYYY-MM-DD'));

/** Whether the day, in UTC, has begun. One that cannot be read has: nothing lasts for ever by mistake. */
export function isOver(expires: string, now: Date): boolean {
  const end = Date.parse(`${expires}T00:00:00Z`);
  return Number.isNaN(end) || now.getTime() >= end;
}
