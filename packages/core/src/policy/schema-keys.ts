import type { BaseIssue, BaseSchema } from 'valibot';

export type Schema = BaseSchema<unknown, unknown, BaseIssue<unknown>>;

/** The parts that schemas which contain schemas have. */
interface Nested {
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly item?: Schema;
  /** Of a record, whose keys are free. */
  readonly value?: Schema;
  readonly wrapped?: Schema;
  readonly options?: readonly unknown[];
  readonly pipe?: readonly [Schema, ...unknown[]];
}

/** The keys that a schema allows at a path of keys and indexes, for "did you mean". */
export function keysAt(schema: Schema, path: readonly (string | number)[]): readonly string[] {
  let places = shapesOf(schema);
  for (const key of path) {
    places = places.flatMap((place) => {
      const inner = typeof key === 'number' ? place.item : (place.entries?.[key] ?? place.value);
      return inner === undefined ? [] : shapesOf(inner);
    });
  }
  return places.flatMap((place) => Object.keys(place.entries ?? {}));
}

/** The objects and arrays that a schema stands for, below pipes, optionals and unions. */
function shapesOf(schema: Schema): readonly Nested[] {
  const nested = schema as Schema & Nested;
  if (nested.pipe !== undefined && nested.pipe[0] !== schema) return shapesOf(nested.pipe[0]);
  if (nested.wrapped !== undefined) return shapesOf(nested.wrapped);
  if (schema.type === 'union') return (nested.options ?? []).flatMap((option) => shapesOf(option as Schema));
  return [nested];
}
