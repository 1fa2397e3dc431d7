import { expect, it } from 'vitest';
import { finalBase } from './final-base.ts';

it.each([
  ['FROM base', {}, 'base'],
  ['# syntax=docker/dockerfile:1\nfrom --platform=$BUILDPLATFORM base as final\nRUN true', {}, 'base'],
  ['FROM golang AS build\nRUN go build\nFROM base\nCOPY --from=build /a /a', {}, 'base'],
  ['FROM base AS one\nFROM one AS two\nFROM two', {}, 'base'],
  ['FROM base AS one\nFROM other AS two', { target: 'one' }, 'base'],
  ['FROM base AS One\nFROM other', { target: 'ONE' }, 'base'],
  ['FROM base\nFROM other', { target: '0' }, 'base'],
  ['FROM base AS x\nFROM x AS x\nFROM x', {}, 'base'],
  ['ARG BASE=base\nFROM ${BASE}', {}, 'base'],
  ['ARG BASE\nFROM $BASE', { buildArgs: { BASE: 'base' } }, 'base'],
  ['ARG BASE=other\nFROM $BASE', { buildArgs: { BASE: 'base' } }, 'base'],
  ['FROM ${BASE:-base}', {}, 'base'],
  ['ARG V=1 B="base"\nFROM \\\n  $B', {}, 'base'],
  ['FROM scratch\nCOPY --from=base / /', {}, 'scratch'],
  ['FROM base', { target: 'nothing' }, undefined],
  ['RUN true', {}, undefined],
] as const)('the base of %j with %j is %s', (dockerfile, use, base) => {
  expect(finalBase(dockerfile, { buildArgs: {}, ...use })).toBe(base);
});
