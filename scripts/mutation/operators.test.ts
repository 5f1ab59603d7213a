import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mistakesOf } from './mutants.ts'
import { operators } from './operators/index.ts'
import { root, sources } from './sources.ts'
import { edited, parse } from './syntax.ts'

/** What an operator makes of a source. */
function made(operator: string, source: string, file = 'a.ts'): string[] {
  return mistakesOf(file, source)
    .filter((one) => one.operator === operator)
    .map((one) => edited(source, one))
}

const cases: Record<string, Record<string, string[]>> = {
  arithmetic: {
    'y = a + b * c': ['y = a - b * c', 'y = a + b / c'],
    'y = a /* + */ % b': ['y = a /* + */ * b'],
    'y = a ** b': ['y = a * b'],
    'y = a << b | c': ['y = a << b & c', 'y = a >> b | c'],
    "y = 'a' + b + `c`": [],
    'y += a': ['y -= a', 'y = a'],
    'y = -a': ['y = (a)'],
    'y++': ['y--'],
    'for (; ; y += 2, i++) ;': [],
    'for (; ; ) y += 2': ['for (; ; ) y -= 2', 'for (; ; ) y = 2'],
    'y = Math.min(a, Math.abs(b))': ['y = Math.max(a, Math.abs(b))', 'y = Math.min(a, (b))'],
    'y = Math.floor(a)': ['y = Math.ceil(a)'],
    'y = f32x4.add(a, b)': ['y = f32x4.sub(a, b)'],
    'y = min(a, b)': ['y = max(a, b)'],
    'const y: A = x as A & B': [],
  },
  comparison: {
    'y = a < b': ['y = a <= b'],
    'y = a >= b': ['y = a > b'],
    'y = a === b': ['y = a !== b'],
    'y = a in b': [],
    'y = f32x4.gt(a, b)': ['y = f32x4.ge(a, b)'],
  },
  logical: {
    'y = a && b': ['y = a || b', 'y = (a)', 'y = (b)'],
    'y = a || b': ['y = a && b', 'y = (a)', 'y = (b)'],
    'y = a ?? b': ['y = (a)', 'y = (b)'],
    'y = a ?? b ?? 1': ['y = ((a ?? b) || 1)', 'y = (a ?? b)', 'y = (1)', 'y = (a) ?? 1', 'y = (b) ?? 1'],
    'y ??= a': ['y = a'],
  },
  negation: {
    'if (a) b()': ['if (!(a)) b()'],
    'if (!a) b()': ['if ((a)) b()'],
    'if (a === b) c()': [],
    'if (a < b) c()': ['if (!(a < b)) c()'],
    'y = a ? b : c': ['y = !(a) ? b : c'],
    'while (a) b()': ['while (!(a)) b()'],
    'y = !a': ['y = (a)'],
  },
  constant: {
    'y = 2': ['y = 3', 'y = 1'],
    'y = 0': ['y = 1', 'y = (-1)'],
    'y = 1.0': ['y = 2.0', 'y = 0.0'],
    'y = 1e-6': ['y = 0.00001', 'y = 1e-7'],
    'y = 2n': ['y = 3n', 'y = 1n'],
    'y = true': ['y = false'],
    "y = a === 'mean'": ["y = a === ''"],
    "y = 'a text for people'": [],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the source of a template
    'y = `${a}.weight`': ["y = ''"],
    "throw new Error(`no ${a} 'x'`)": ["throw new Error('')"],
    "import a from 'a'": [],
    "y = { 'a': b }": [],
    'y = { a: true, b: true }': ["y = { '': true, b: true }", "y = { a: true, '': true }"],
    'y = { a: true, b }': ['y = { a: false, b }'],
    "let y: 'a' | 1 = b": [],
  },
  'dropped statement': {
    'a()': [';'],
    'y = a': [';'],
    'if (a) throw b': ['if (a) ;'],
    'for (;;) { break }': ['for (;;) { ; }'],
    'for (;;) { continue }': ['for (;;) { ; }'],
    'function f() { return a }': ['function f() { return; }'],
    'function f() { return }': ['function f() { ; }'],
    'class A extends B { constructor() { super() } }': [],
    "'use strict'": [],
  },
  'swapped arguments': {
    'f(a, b, c)': ['f(b, a, c)', 'f(a, c, b)'],
    'new F(a.b, c.d)': ['new F(c.d, a.b)'],
    'f(a, 1, 2)': ['f(a, 2, 1)'],
    'f(a, a)': [],
    'f(a, b.c)': [],
    'Math.max(a, b)': [],
    'Object.is(a.b, c.d)': [],
    'v128.and(a, b)': [],
    'v128.andnot(a, b)': ['v128.andnot(b, a)'],
    'f32x4.mul(a, b)': [],
    'f32x4.sub(a, b)': ['f32x4.sub(b, a)'],
    'madd(a, b, c)': ['madd(a, c, b)'],
    'Math.atan2(a, b)': ['Math.atan2(b, a)'],
  },
  'removed clone': {
    'y = a.clone()': ['y = (a)'],
    'y = a.slice()': ['y = (a)'],
    'y = a.slice(1)': [],
    'y = [...a]': ['y = (a)'],
    'y = [...a, b]': [],
    'y = { ...a }': ['y = (a)'],
    'y = Float32Array.from(a)': ['y = (a)'],
    'y = Float32Array.from(a, f)': [],
    'y = new Float32Array(a.data)': ['y = (a.data)'],
    'y = new Float32Array(n)': [],
    'y = structuredClone(a)': ['y = (a)'],
  },
  'changed default': {
    'function f(a = 1) {}': ['function f(a = 2) {}', 'function f(a = 0) {}'],
    'function f(a = {}) {}': ['function f(a = undefined) {}'],
    "const { a = 'zeros' } = b": ["const { a = '' } = b"],
    'y = a ?? 1': ['y = a ?? 2', 'y = a ?? 0'],
    'class A { b = true }': ['class A { b = false }'],
  },
}

describe.each(Object.entries(cases))('%s', (operator, sourcesOf) => {
  test.each(Object.entries(sourcesOf))('%s', (source, expected) => {
    expect(made(operator, source).sort()).toEqual([...expected].sort())
  })
})

test('every operator has its cases', () => {
  expect(Object.keys(cases).sort()).toEqual(Object.keys(operators).sort())
})

test('a kernel keeps its returns, its texts and the endings of its numbers; decorators move nothing', () => {
  const source = '// @ts-ignore: decorator\n@inline\nexport function f(a: f32): f32 { return <f32>(a * 2.0) }'
  const mistakes = mistakesOf('a.as.ts', source)
  expect(mistakes.map(({ line, text }) => ({ line, text }))).toEqual([
    { line: 3, text: '/' },
    { line: 3, text: '3.0' },
    { line: 3, text: '1.0' },
  ])
  expect(edited(source, mistakes[0])).toBe(source.replace('a * 2.0', 'a / 2.0'))
})

test('the lines are those of the file', () => {
  const source = 'a\n\n  .b(1)\n'
  expect(mistakesOf('a.ts', source).map(({ line, operator }) => ({ line, operator }))).toEqual([
    { line: 1, operator: 'dropped statement' },
    { line: 3, operator: 'constant' },
    { line: 3, operator: 'constant' },
  ])
})

test('a mistake in any file is still code', () => {
  const files = sources()
  expect(files.length).toBeGreaterThan(150)
  const broken = files.flatMap((file) => {
    const source = readFileSync(join(root, file), 'utf8')
    return mistakesOf(file, source)
      .filter((_, i) => i % 10 === 0)
      .map((one) => ({ ...one, changed: edited(source, one) }))
      .filter(({ changed }) => parse(file, changed) === null)
  })
  expect(broken.map(({ file, line, operator, text }) => `${file}:${line} ${operator} ${text}`)).toEqual([])
})
