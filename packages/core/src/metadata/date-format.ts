import { type DateFields, dateFields, zoneName } from './date-fields.ts';

/** A format is cut into these; the longest match first, as moment.js does. What is none, or behind a backslash, stands for itself. */
const TOKEN =
  /\[([^\]]*)\]|(\\?)(?:[Hh]mm(?:ss)?|Mo|M{1,4}|Do|DDDo|D{1,4}|do|d{1,4}|wo|ww?|Wo|WW?|Qo?|N{1,5}|Y{6}|Y{4,5}|YY|Y|y{1,4}o?|g{2,5}|G{2,5}|e|E|a|A|hh?|HH?|kk?|mm?|ss?|S{1,9}|x|X|zz?|ZZ?|LTS?|L{1,4}|l{1,4}|.)/gsu;
/** Letters that begin a token; one that the table below lacks depends on a locale or an era. */
const TOKEN_LETTER = /^[HhMDdwWQNYygGeEaAkmsSxXzZLl]/;

type Part = (fields: DateFields) => string;

const pad = (value: number, width = 2) => String(value).padStart(width, '0');
const twelve = (hour: number) => hour % 12 || 12;
const half = (hour: number) => (hour < 12 ? 'am' : 'pm');

const PARTS: Readonly<Record<string, Part>> = {
  YYYY: ({ year }) => pad(year, 4),
  YY: ({ year }) => pad(year % 100),
  Y: ({ year }) => String(year),
  Q: ({ month }) => String(Math.ceil(month / 3)),
  Qo: ({ month }) => ordinal(Math.ceil(month / 3)),
  M: ({ month }) => String(month),
  Mo: ({ month }) => ordinal(month),
  MM: ({ month }) => pad(month),
  MMM: (fields) => monthName(fields, 'short'),
  MMMM: (fields) => monthName(fields, 'long'),
  D: ({ day }) => String(day),
  Do: ({ day }) => ordinal(day),
  DD: ({ day }) => pad(day),
  DDD: ({ dayOfYear }) => String(dayOfYear),
  DDDo: ({ dayOfYear }) => ordinal(dayOfYear),
  DDDD: ({ dayOfYear }) => pad(dayOfYear, 3),
  d: ({ weekday }) => String(weekday),
  do: ({ weekday }) => ordinal(weekday),
  dd: (fields) => dayName(fields).slice(0, 2),
  ddd: (fields) => dayName(fields).slice(0, 3),
  dddd: (fields) => dayName(fields),
  E: ({ weekday }) => String(weekday || 7),
  W: ({ week }) => String(week),
  Wo: ({ week }) => ordinal(week),
  WW: ({ week }) => pad(week),
  GG: ({ weekYear }) => pad(weekYear % 100),
  GGGG: ({ weekYear }) => pad(weekYear, 4),
  H: ({ hour }) => String(hour),
  HH: ({ hour }) => pad(hour),
  h: ({ hour }) => String(twelve(hour)),
  hh: ({ hour }) => pad(twelve(hour)),
  k: ({ hour }) => String(hour || 24),
  kk: ({ hour }) => pad(hour || 24),
  Hmm: ({ hour, minute }) => `${hour}${pad(minute)}`,
  Hmmss: ({ hour, minute, second }) => `${hour}${pad(minute)}${pad(second)}`,
  hmm: ({ hour, minute }) => `${twelve(hour)}${pad(minute)}`,
  hmmss: ({ hour, minute, second }) => `${twelve(hour)}${pad(minute)}${pad(second)}`,
  m: ({ minute }) => String(minute),
  mm: ({ minute }) => pad(minute),
  s: ({ second }) => String(second),
  ss: ({ second }) => pad(second),
  a: ({ hour }) => half(hour),
  A: ({ hour }) => half(hour).toUpperCase(),
  X: ({ date }) => String(Math.floor(date.getTime() / 1000)),
  x: ({ date }) => String(date.getTime()),
  z: zoneAbbreviation,
  zz: zoneAbbreviation,
  Z: ({ offsetMinutes }) => offset(offsetMinutes, ':'),
  ZZ: ({ offsetMinutes }) => offset(offsetMinutes, ''),
};

/**
 * Writes a date in a format of moment.js (momentjs.com/docs, "Format"), in English.
 * @param timeZone IANA name, such as `Europe/Berlin`
 * @throws Error that names the token or time zone that is not known
 */
export function formatDate(date: Date, format: string, timeZone = 'UTC'): string {
  const fields = dateFields(date, timeZone);
  return format.replaceAll(TOKEN, (token: string, quoted: string | undefined, escape: string | undefined) =>
    escape || token === '\\' ? token.slice(1) : (quoted ?? write(token, fields)),
  );
}

function write(token: string, fields: DateFields): string {
  const part = Object.hasOwn(PARTS, token) ? PARTS[token] : undefined;
  if (part !== undefined) return part(fields);
  if (token.startsWith('S')) return pad(fields.millisecond, 3).padEnd(9, '0').slice(0, token.length);
  if (!TOKEN_LETTER.test(token)) return token;
  throw new Error(`the date format "${token}" is not supported; put plain letters in [brackets]`);
}

/** Most zones have no short name but in other languages or in half of the year, and moment.js has names of its own. */
function zoneAbbreviation({ date, year, timeZone }: DateFields): string {
  const names = [date.getTime(), Date.UTC(year, 0), Date.UTC(year, 6)].map((at) => zoneName(new Date(at), timeZone));
  if (names.every((name) => /^[A-Z]+$/.test(name))) return names[0] ?? '';
  throw new Error(`the date format "z" is not supported for ${timeZone}; write "Z" or "ZZ" for the offset`);
}

function ordinal(value: number): string {
  const ending = Math.floor((value % 100) / 10) === 1 ? undefined : ['th', 'st', 'nd', 'rd'][value % 10];
  return `${value}${ending ?? 'th'}`;
}

function monthName({ year, month }: DateFields, style: 'short' | 'long'): string {
  return new Intl.DateTimeFormat('en-US', { month: style, timeZone: 'UTC' }).format(Date.UTC(year, month - 1, 1));
}

function dayName({ year, month, day }: DateFields): string {
  return new Intl.DateTimeFormat('en-US', { weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(year, month - 1, day));
}

function offset(minutes: number, separator: string): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}${separator}${pad(size % 60)}`;
}
