import { expect, it } from 'vitest';
import { withoutUnusedCode } from './unused-code.mjs';

/** A bundle of one module. */
const bundle = (body: string) => `var __webpack_modules__ = ({\n1: ((module) => {\n${body}\n}),\n2: 3 });\nrun();\n`;

function left(body: string): string {
  return withoutUnusedCode(bundle(body)).split('\n').slice(2, -4).join('\n');
}

it.each([
  ['a function that nobody calls', 'function a() {}\nexport_(b);\nfunction b() {}', 'export_(b);\nfunction b() {}'],
  ['what only unused code uses', 'function a() { return b; }\nconst b = 1;', ''],
  ['functions that call each other alone', 'function a() { b(); }\nfunction b() { a(); }', ''],
  ['its comments', '/** Says what it does. */\n// @__NO_SIDE_EFFECTS__\nfunction a() {}\nrun();', 'run();'],
  ['constants made of literals', "const a = { b: [1, 'c', /d/] }, e = () => f;\nrun();", 'run();'],
])('leaves out %s', (_what, body, expected) => {
  expect(left(body)).toBe(expected);
});

it.each([
  ['what does something when it is evaluated', 'const a = start();'],
  ['a class', 'class A extends B {}'],
  ['a name that is a property elsewhere', 'function a() {}\nrun(b.a);'],
  ['what a template names', 'const a = 1;\nrun(`${a}`);'],
  ['what is taken apart', 'const { a } = b;'],
  ['the words of the bundler', '/* unused harmony export a */\nrun();'],
])('keeps %s', (_what, body) => {
  expect(left(body)).toBe(body);
});

it('keeps a heading of the bundler above what it leaves out', () => {
  expect(left(';// CONCATENATED MODULE: ./a.js\nfunction a() {}\nrun();')).toBe(
    ';// CONCATENATED MODULE: ./a.js\nrun();',
  );
});

it('refuses a bundle of another form', () => {
  expect(() => withoutUnusedCode('run();')).toThrow('no table of modules');
});
