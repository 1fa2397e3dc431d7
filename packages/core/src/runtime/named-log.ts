import type { Log } from './log.ts';

/**
 * The log of one of several things that are under way at once: every line says whose it is. Groups would swallow lines of
 * the others, so there are none.
 */
export function namedLog(name: string, log: Log): Log {
  const named = (text: string) => text.replaceAll(/^/gm, `[${name}] `);
  return {
    debug: (text) => log.debug(named(text)),
    info: (text) => log.info(named(text)),
    notice: (text, place) => log.notice(named(text), place),
    warning: (text, place) => log.warning(named(text), place),
    error: (text, place) => log.error(named(text), place),
    group: (title, body) => {
      log.info(named(title));
      return body();
    },
  };
}
