/** A moment as a clock on a wall in one time zone shows it. */
export interface DateFields {
  readonly date: Date;
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly dayOfYear: number;
  /** The ISO 8601 week and the year it belongs to. */
  readonly week: number;
  readonly weekYear: number;
  /** East of Greenwich. */
  readonly offsetMinutes: number;
  /** IANA name. */
  readonly timeZone: string;
}

const DAY = 86_400_000;

/** @throws Error when there is no such time zone */
export function dateFields(date: Date, timeZone: string): DateFields {
  const part = parts(date, timeZone);
  const number = (type: Intl.DateTimeFormatPartTypes) => Number(part(type));
  const [year, month, day] = [number('year'), number('month'), number('day')];
  const [hour, minute, second] = [number('hour'), number('minute'), number('second')];
  const millisecond = date.getUTCMilliseconds();
  const midnight = Date.UTC(year, month - 1, day);
  const offset = Date.UTC(year, month - 1, day, hour, minute, second, millisecond) - date.getTime();
  return {
    date,
    year,
    month,
    day,
    hour,
    minute,
    second,
    millisecond,
    weekday: new Date(midnight).getUTCDay(),
    dayOfYear: Math.round((midnight - Date.UTC(year, 0, 1)) / DAY) + 1,
    ...isoWeek(midnight),
    offsetMinutes: Math.round(offset / 60_000),
    timeZone,
  };
}

/** Such as `EST`; `GMT+9` where English has no short name for it. */
export function zoneName(date: Date, timeZone: string): string {
  return parts(date, timeZone)('timeZoneName');
}

function parts(date: Date, timeZone: string): (type: Intl.DateTimeFormatPartTypes) => string {
  const found = formatOf(timeZone).formatToParts(date);
  return (type) => found.find((part) => part.type === type)?.value ?? '';
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const numbers = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric' } as const;
  const rest = { minute: 'numeric', second: 'numeric', timeZoneName: 'short', hourCycle: 'h23' } as const;
  try {
    return new Intl.DateTimeFormat('en-US', { ...numbers, ...rest, timeZone });
  } catch (cause) {
    throw new Error(`there is no time zone "${timeZone}"; write one such as "Europe/Berlin"`, { cause });
  }
}

/** The week with this day's Thursday in it. */
function isoWeek(midnight: number): { week: number; weekYear: number } {
  const thursday = midnight + (3 - ((new Date(midnight).getUTCDay() + 6) % 7)) * DAY;
  const weekYear = new Date(thursday).getUTCFullYear();
  return { week: Math.floor((thursday - Date.UTC(weekYear, 0, 1)) / (7 * DAY)) + 1, weekYear };
}
