import { describe, expect, it } from 'vitest';
import { refStanding, type UnprotectedRefs } from './ref-standing.ts';

interface Asked {
  readonly status?: number;
  readonly refProtected?: boolean;
  readonly who?: string;
}

async function standing(rule: UnprotectedRefs, { status = 204, refProtected = false, who = 'mate' }: Asked = {}) {
  const asked: string[] = [];
  const send = async ({ path }: { path: string }) => {
    asked.push(path);
    return { status, headers: {}, text: '', request: path };
  };
  const github = { owner: 'Acme', ref: 'refs/heads/fix', refProtected, triggeringActor: who };
  const result = await refStanding(rule, { github, api: { send } }).catch((error: { code: string }) => error.code);
  return { result, asked };
}

describe('refStanding', () => {
  it.each<[UnprotectedRefs, Asked, string]>([
    ['allow', {}, 'production'],
    ['refuse', { refProtected: true }, 'production'],
    ['members', { refProtected: true }, 'production'],
    ['refuse', {}, 'ref-unprotected'],
    ['members', {}, 'development'],
    ['members', { who: 'acme' }, 'development'],
    ['members', { status: 404 }, 'ref-unprotected'],
    ['members', { status: 302 }, 'membership-unknown'],
    ['members', { status: 401 }, 'membership-unknown'],
    ['members', { status: 403 }, 'membership-unknown'],
    ['members', { status: 500 }, 'membership-unknown'],
  ])('%s with %j is %s', async (rule, asked, result) => {
    expect((await standing(rule, asked)).result).toBe(result);
  });

  it('asks about who started this attempt, and only where it matters', async () => {
    expect((await standing('members')).asked).toEqual(['/orgs/Acme/members/mate']);
    expect((await standing('members', { refProtected: true })).asked).toEqual([]);
  });
});
