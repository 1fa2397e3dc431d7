import type { Log, News, Place } from '../runtime/log.ts';
import { command, inert, type LineSink } from './commands.ts';
import type { Secrets } from './secrets.ts';

/** The runner keeps ten annotations of each kind per step (ExecutionContext.cs) and drops the rest silently. */
const MOST_ANNOTATIONS = 10;
/** The runner cuts a message there. */
const LONGEST_MESSAGE = 4096;

type AnnotationKind = 'notice' | 'warning' | 'error';

interface AnnotationDetail {
  readonly place?: Place | undefined;
  readonly title?: string;
}

/** A log in the runner's language. What exceeds the runner's limit of annotations is still printed, as plain lines. */
export class RunnerLog implements Log {
  readonly #sink: LineSink;
  readonly #secrets: Secrets;
  readonly #given = new Map<AnnotationKind, number>();
  readonly live: ((news: News) => void) | undefined;
  #groupOpen = false;

  constructor(sink: LineSink, secrets: Secrets, live?: (news: News) => void) {
    this.#sink = sink;
    this.#secrets = secrets;
    this.live = live;
  }

  debug(text: string): void {
    this.#sink.write(command('debug', this.#secrets.redact(text)));
  }

  info(text: string): void {
    this.#sink.write(inert(this.#secrets.redact(text)));
  }

  notice(text: string, place?: Place): void {
    this.annotate('notice', text, { place });
  }

  warning(text: string, place?: Place): void {
    this.annotate('warning', text, { place });
  }

  error(text: string, place?: Place): void {
    this.annotate('error', text, { place });
  }

  async group<T>(title: string, body: () => Promise<T>): Promise<T> {
    // The runner does not nest groups: an inner one is a plain heading.
    if (this.#groupOpen) {
      this.info(title);
      return body();
    }
    this.#groupOpen = true;
    this.#sink.write(command('group', this.#secrets.redact(title)));
    try {
      return await body();
    } finally {
      this.#groupOpen = false;
      this.#sink.write(command('endgroup'));
    }
  }

  /** An annotation with a title of its own. */
  annotate(kind: AnnotationKind, text: string, { place, title }: AnnotationDetail): void {
    const message = capped(this.#secrets.redact(text));
    const given = (this.#given.get(kind) ?? 0) + 1;
    this.#given.set(kind, given);
    if (given > MOST_ANNOTATIONS) {
      this.#sink.write(inert(`${kind}: ${place === undefined ? '' : `${at(place)}: `}${message}`));
      return;
    }
    this.#sink.write(command(kind, message, { title, file: place?.file, line: place?.line }));
  }
}

function capped(message: string): string {
  return message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE - 2)} …`;
}

function at(place: Place): string {
  return place.line === undefined ? place.file : `${place.file}:${place.line}`;
}
