import { expect, test } from 'vitest';
import { configurationText, secretText, sketchOf } from './secret-sketch.ts';

const mask = (text: string, secret: string) => text.replace(secret, '*'.repeat(secret.length));
const about = (line: number, Match: string, EndLine = line) => ({ RuleID: 'r', StartLine: line, EndLine, Match });
const place = { rule: 'r', path: '/a' };

test('a short secret is known by its lines, wherever they stand and however they end', () => {
  expect(secretText('x\r\n  KEY=one\r\n', about(2, 'KEY=***'))).toBe('KEY=one');
  expect(secretText('a\nb\nc\nd', about(2, '***', 3))).toBe('b\nc');
  expect(secretText('a', about(0, '*'))).toBeUndefined();
  expect(secretText('a', about(5, '*'))).toBeUndefined();
});

test('in a long line what is near it counts, and the rest may change', () => {
  const near = `"key": "s3cret", "other": "y"`;
  const line = (end: string) => `${'x'.repeat(200)}${near}${end}`;
  const match = mask(near, 's3cret');
  expect(secretText(line('zzz'), about(1, match))).toBe(near);
  expect(secretText(line(''), about(1, match))).toBe(near);
  expect(secretText(line('').replace('s3cret', 's4cret'), about(1, match))).not.toBe(near);
});

test('in the configuration of an image it is what the masked text may have been', () => {
  const config = { config: { Env: ['A=1', 'TOKEN=abc'] }, history: [{ created_by: 'ENV TOKEN=abc' }] };
  expect(configurationText(config, about(7, '"TOKEN=***",'))).toBe('"TOKEN=abc"');
  expect(configurationText(config, about(7, '"TOKEN=****",'))).toBeUndefined();
});

test('a sketch differs by secret, rule and file, and is short enough to give nothing away', async () => {
  const given = ['one', 'two'].map((text) => sketchOf(text, place));
  const others = [sketchOf('one', { ...place, rule: 's' }), sketchOf('one', { ...place, path: '/b' })];
  const sketches = await Promise.all([...given, ...others, sketchOf('one', place)]);
  expect(new Set(sketches).size).toBe(4);
  expect(sketches[4]).toBe(sketches[0]);
  for (const sketch of sketches) expect(sketch).toMatch(/^[0-9a-f]{5}$/);
});
