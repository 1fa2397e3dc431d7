/** Where progress is shown; standard error is one. */
export interface ProgressSink {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** One step of several that take long. */
export interface ProgressStep {
  /** What is being done right now, such as `building`. */
  doing(what: string): void;
  /** Ends the step with a last line, such as `built`. */
  done(what: string): void;
}

const LINE_EVERY_MS = 30_000;
const REDRAW_EVERY_MS = 1_000;

/** Shows `[ 3/15] trivy 0.72.0  building… 41 s`: redrawn in place on a terminal, every half minute in a log. */
export function progressStep(sink: ProgressSink, place: { index: number; of: number; name: string }): ProgressStep {
  const width = String(place.of).length;
  const head = `[${String(place.index).padStart(width + (width > 1 ? 0 : 1))}/${place.of}] ${place.name}`;
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  let what = '';
  const show = () => {
    const text = `${head}  ${what}…${seconds() === 0 ? '' : ` ${seconds()} s`}`;
    sink.write(sink.isTTY === true ? `\r\u001B[K${text}` : `${text}\n`);
  };
  const timer = setInterval(show, sink.isTTY === true ? REDRAW_EVERY_MS : LINE_EVERY_MS);
  timer.unref();
  return {
    doing(next) {
      if (next === what) return;
      what = next;
      show();
    },
    done(last) {
      clearInterval(timer);
      sink.write(`${sink.isTTY === true ? '\r\u001B[K' : ''}${head}  ${last} in ${seconds()} s\n`);
    },
  };
}
