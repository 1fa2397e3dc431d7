import { Slots } from '../../runtime/slots.ts';

/** Something that stands on others. */
export interface Step {
  readonly name: string;
  /** Names of those that it needs; they are among the steps, and no step needs itself, however far down. */
  readonly needs: readonly string[];
}

/** How a step ended. */
export type Climbed<R> =
  | { readonly state: 'done'; readonly value: R }
  | { readonly state: 'failed'; readonly error: unknown }
  /** Never begun, because of the step of this name, which failed. */
  | { readonly state: 'blocked'; readonly by: string };

/**
 * Does the work of every step once all those that it needs are done, side by side where they do not need each other.
 * A step that fails stops what stands on it and nothing else, so that everything that is wrong is found at once.
 *
 * @param most - how many run at a time
 * @returns an end for every step, in the order given; never throws what a step throws
 */
export async function climb<S extends Step, R>(
  steps: readonly S[],
  most: number,
  work: (step: S, below: ReadonlyMap<string, R>) => Promise<R>,
): Promise<ReadonlyMap<string, Climbed<R>>> {
  const slots = new Slots(most);
  const begun = new Map<string, Promise<Climbed<R>>>();
  const byName = new Map(steps.map((step) => [step.name, step]));

  const take = async (step: S): Promise<Climbed<R>> => {
    const below = new Map<string, R>();
    for (const name of step.needs) {
      const end = await endOf(name);
      if (end.state !== 'done') return { state: 'blocked', by: end.state === 'blocked' ? end.by : name };
      below.set(name, end.value);
    }
    return slots
      .run(() => work(step, below))
      .then(
        (value) => ({ state: 'done', value }),
        (error: unknown) => ({ state: 'failed', error }),
      );
  };
  const endOf = (name: string): Promise<Climbed<R>> => {
    const step = byName.get(name);
    if (step === undefined) throw new RangeError(`no step is called ${name}`);
    const end = begun.get(name) ?? take(step);
    begun.set(name, end);
    return end;
  };

  const ends = steps.map(async ({ name }) => [name, await endOf(name)] as const);
  return new Map(await Promise.all(ends));
}
