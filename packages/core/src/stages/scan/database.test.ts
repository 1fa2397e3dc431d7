import { expect, test } from 'vitest';
import { type Database, firstFresh, type SourceAttempt } from './database.ts';

const freshness = { now: new Date('2026-11-21T09:00:00Z'), maxAge: 48 * 3_600_000 };
const made = (source: string, updatedAt?: string): Database => ({
  name: 'trivy-db',
  source,
  digest: `sha256:${'a'.repeat(64)}`,
  ...(updatedAt === undefined ? {} : { updatedAt: new Date(updatedAt) }),
});
const answers: Readonly<Record<string, Database>> = {
  fresh: made('fresh', '2026-11-21T03:00:00Z'),
  old: made('old', '2026-11-12T00:00:00Z'),
  older: made('older', '2025-01-01T00:00:00Z'),
  ageless: made('ageless'),
};
async function fetch({ source }: SourceAttempt): Promise<Database> {
  const answer = answers[source];
  if (answer === undefined) throw new Error(`${source} answered 429`);
  return answer;
}

test('the first fresh one wins, and what was tried in vain is told', async () => {
  const answer = await firstFresh(
    { name: 'trivy-db', sources: ['down', 'old', 'fresh', 'never asked'], freshness },
    fetch,
  );
  expect(answer.database).toBe(answers['fresh']);
  expect(answer.problem).toBeUndefined();
  expect(answer.failed.map(({ source }) => source)).toEqual(['down', 'old']);
});

test('when all are too old, the youngest is used and the problem is told', async () => {
  const answer = await firstFresh({ name: 'trivy-db', sources: ['older', 'ageless', 'old'], freshness }, fetch);
  expect(answer.database).toBe(answers['old']);
  expect(answer.problem).toBe('the trivy-db of old is 9 d old (made 2026-11-12T00:00Z), the policy allows 48 h');
});

test('a database of unknown age is a problem', async () => {
  const answer = await firstFresh({ name: 'trivy-db', sources: ['ageless'], freshness }, fetch);
  expect(answer.problem).toBe('ageless does not say how old its trivy-db is');
});

test('no source at all is a problem without a database', async () => {
  const answer = await firstFresh({ name: 'trivy-db', sources: ['down', 'gone'], freshness }, fetch);
  expect(answer).toMatchObject({ problem: 'no source has a usable trivy-db' });
  expect(answer.database).toBeUndefined();
});

test('only the last source is waited for', async () => {
  const asked: SourceAttempt[] = [];
  await firstFresh({ name: 'trivy-db', sources: ['down', 'old', 'gone'], freshness }, (attempt) => {
    asked.push(attempt);
    return fetch(attempt);
  });
  expect(asked.map(({ last }) => last)).toEqual([false, false, true]);
});

test('a database that says it comes from the future is not fresh', async () => {
  const answer = await firstFresh({ name: 'trivy-db', sources: ['x'], freshness }, async () =>
    made('x', '2099-01-01T00:00:00Z'),
  );
  expect(answer.problem).toBeDefined();
});
