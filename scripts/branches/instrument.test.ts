import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileFunction } from 'node:vm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compileKernels } from '../compile-kernels.ts'
import { assemblyscript, typescript } from './build.ts'
import * as counters from './counters.ts'
import { instrument, type Language } from './instrument.ts'
import { sizesOf } from './least-turns.ts'
import { faults, type Point } from './point.ts'
import { parse } from './syntax.ts'

/** A kind of branch: a function f of numbers, what takes all of it, and calls that miss something. */
interface Kind {
  name: string
  /** The body of f(a, b), in both languages unless it says so. */
  body: string
  only?: 'typescript'
  all: [a: number, b: number][]
  misses: { calls: [a: number, b: number][]; faults: string[] }[]
}

const kinds: Kind[] = [
  {
    name: 'if',
    body: 'let s = 1\n  if (a > 1) s = 2\n  return s + b',
    all: [
      [1, 0],
      [2, 0],
    ],
    misses: [
      { calls: [[1, 0]], faults: ['2  a > 1  never true'] },
      { calls: [[2, 0]], faults: ['2  a > 1  never false'] },
    ],
  },
  {
    name: 'else if',
    body: 'let s = 1\n  if (a > 1) s = 2\n  else if (b > 1) s = 3\n  else s = 4\n  return s',
    all: [
      [1, 0],
      [1, 2],
      [2, 0],
    ],
    misses: [
      { calls: [[2, 0]], faults: ['2  a > 1  never false', '3  b > 1  never true', '3  b > 1  never false'] },
    ],
  },
  {
    name: '?:',
    body: 'const s = a > 1 ? b : 7\n  return s',
    all: [
      [1, 5],
      [2, 5],
    ],
    misses: [{ calls: [[2, 5]], faults: ['1  a > 1  never false'] }],
  },
  {
    name: '&&',
    body: 'if (a > 1 && b > 1) return 1\n  return 2',
    all: [
      [1, 1],
      [2, 1],
      [2, 2],
    ],
    misses: [
      {
        calls: [
          [2, 1],
          [2, 2],
        ],
        faults: ['1  a > 1  never false'],
      },
      {
        calls: [
          [1, 2],
          [2, 2],
        ],
        faults: ['1  b > 1  never false'],
      },
      { calls: [[1, 1]], faults: ['1  a > 1  never true', '1  b > 1  never true', '1  b > 1  never false'] },
    ],
  },
  {
    name: '||',
    body: 'return a > 1 || !(b > 1) ? 1 : 2',
    all: [
      [2, 1],
      [1, 1],
      [1, 2],
    ],
    misses: [
      { calls: [[2, 2]], faults: ['1  a > 1  never false', '1  b > 1  never true', '1  b > 1  never false'] },
    ],
  },
  {
    name: 'for, from where something else ended',
    body: 'let s = 0, i = b\n  for (; i < a; i++) s += i\n  return s',
    all: [
      [0, 0],
      [1, 0],
      [3, 0],
    ],
    misses: [
      {
        calls: [[3, 0]],
        faults: ['2  for (; i < a; i++)  never 0 turns', '2  for (; i < a; i++)  never 1 turn'],
      },
      {
        calls: [
          [0, 0],
          [1, 0],
        ],
        faults: ['2  for (; i < a; i++)  never 2 or more turns'],
      },
    ],
  },
  {
    name: 'for, over an extent',
    body: 'let s = 0\n  for (let i = 0; i < a; i++) {\n    if (i == b) continue\n    s += i\n  }\n  return s',
    all: [
      [1, 0],
      [3, 1],
    ],
    misses: [
      {
        calls: [
          [0, 0],
          [1, 0],
          [3, 1],
        ],
        faults: [
          '2  for (let i = 0; i < a; i++)  0 turns, which was said to be impossible: a loop over something that is at least 1 steps long',
        ],
      },
      { calls: [[2, 1]], faults: ['2  for (let i = 0; i < a; i++)  never 1 turn'] },
    ],
  },
  {
    name: 'for, as often whatever comes',
    body: 'let s = 0\n  for (let i = 0; i < 3; i++) s += a\n  return s + b',
    all: [[1, 0]],
    misses: [],
  },
  {
    name: 'for, over what a mask leaves',
    body: 'let s = 0\n  const wide = a & ~1\n  for (let i = 0; i < wide; i += 2) s += b\n  return s',
    all: [
      [1, 1],
      [2, 1],
      [5, 1],
    ],
    misses: [
      {
        calls: [[5, 1]],
        faults: [
          '3  for (let i = 0; i < wide; i += 2)  never 0 turns',
          '3  for (let i = 0; i < wide; i += 2)  never 1 turn',
        ],
      },
    ],
  },
  {
    name: 'for in for in if, without braces',
    body: 'let s = 0\n  if (b > 0) for (let i = 0; i < b; i++) for (let j = 0; j < a; j++) s += j\n  else s = 9\n  return s',
    all: [
      [1, 0],
      [1, 1],
      [2, 2],
    ],
    misses: [
      {
        calls: [
          [1, 0],
          [2, 2],
        ],
        faults: [
          '2  for (let i = 0; i < b; i++)  never 1 turn',
          '2  for (let j = 0; j < a; j++)  never 1 turn',
        ],
      },
    ],
  },
  {
    name: 'while',
    body: 'let s = a\n  while (s > b) s -= 2\n  return s',
    all: [
      [0, 0],
      [1, 0],
      [5, 0],
    ],
    misses: [
      { calls: [[5, 0]], faults: ['2  while (s > b)  never 0 turns', '2  while (s > b)  never 1 turn'] },
    ],
  },
  {
    name: 'an outcome that a comment calls impossible',
    body: 'let s = 1\n  // never false: a is large\n  if (a > 1) s = 2\n  return s + b',
    all: [[2, 0]],
    misses: [
      {
        calls: [
          [1, 0],
          [2, 0],
        ],
        faults: ['3  a > 1  false, which was said to be impossible: a is large'],
      },
    ],
  },
  {
    name: '??',
    only: 'typescript',
    body: 'const s = a > 1 ? null : a\n  return s ?? b',
    all: [
      [1, 5],
      [2, 5],
    ],
    misses: [{ calls: [[2, 5]], faults: ['1  a > 1  never false', '2  s  never a value'] }],
  },
  {
    name: '?.',
    only: 'typescript',
    body: 'const o = a > 1 ? { v: b, f() { return this.v } } : undefined\n  const s = o?.v === 5 ? 1 : 2\n  o?.f?.()\n  return s',
    all: [
      [1, 5],
      [2, 5],
    ],
    misses: [
      {
        calls: [
          [2, 5],
          [2, 6],
        ],
        faults: [
          '1  a > 1  never false',
          '2  o?.v  never null or undefined',
          '3  o?.f?.()  never null or undefined',
          '3  o?.f  never null or undefined',
        ],
      },
    ],
  },
  {
    name: 'for of, left by a return',
    only: 'typescript',
    body: 'for (const x of [a, b].slice(a)) if (x > 1) return x\n  return 0',
    all: [
      [2, 0],
      [1, 2],
      [0, 0],
    ],
    misses: [
      {
        calls: [[1, 2]],
        faults: [
          '1  for (const x of [a, b].slice(a))  never 0 turns',
          '1  for (const x of [a, b].slice(a))  never 2 or more turns',
          '1  x > 1  never false',
        ],
      },
    ],
  },
  {
    name: 'what is refused',
    only: 'typescript',
    body: "if (a > 100 || b > 100) throw new RangeError('too large')\n  return a",
    all: [[1, 0]],
    misses: [],
  },
]

const inputs = [0, 1, 2, 3, 5, 8].flatMap((a) => [0, 1, 2, 5].map((b): [number, number] => [a, b]))

type F = (a: number, b: number) => number

function counted(text: string, language: Language): { code: string; points: Point[] } {
  const tree = parse('f.ts', text)
  const sizes = new Map(sizesOf(text, tree))
  const { code, points } = instrument({ file: 'f.ts', text, tree, counts: () => true, sizes }, language, 0)
  return { code, points: points.filter(({ outcomes }) => outcomes[0].name !== 'called') }
}

function check({ all, misses }: Kind, plain: F, f: F, points: Point[], taken: () => Uint8Array): void {
  const after = (calls: [number, number][]): string[] => {
    taken().fill(0)
    for (const [a, b] of calls) f(a, b)
    return faults(points, taken()).map((fault) => fault.replace('f.ts:', ''))
  }
  expect(after(all)).toEqual([])
  for (const { calls, faults: expected } of misses) expect(after(calls)).toEqual(expected)
  for (const [a, b] of inputs) expect(f(a, b), `f(${a}, ${b})`).toBe(plain(a, b))
}

describe('TypeScript', () => {
  const compiled = (source: string): F => {
    const { branch, hit, known, second, turns } = counters
    const names = ['__branch', '__hit', '__known', '__second', '__turns']
    const code = stripTypeScriptTypes(source.replaceAll(/^import .*$/gm, ''))
    return compileFunction(`${code}\nreturn f`, names)(branch, hit, known, second, turns) as F
  }

  test.each(kinds)('$name', (kind) => {
    const source = `function f(a: number, b: number): number { ${kind.body} }`
    const { code, points } = counted(source, typescript)
    check(kind, compiled(source), compiled(code), points, () => counters.taken)
  })
})

describe('AssemblyScript', () => {
  const both = kinds.filter(({ only }) => only === undefined)
  const folder = mkdtempSync(join(tmpdir(), 'branches-'))
  const sources = both.map(({ body }, i) => `export function f${i}(a: i32, b: i32): i32 { ${body} }`)
  const instrumented = sources.map((source) => counted(source.replace(/f\d+/, 'f'), assemblyscript(64)))
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 32768, shared: true })
  let plain: Record<string, F>
  let withCounters: Record<string, F>

  const compile = async (name: string, files: readonly string[]): Promise<Record<string, F>> => {
    mkdirSync(join(folder, name, 'src'), { recursive: true })
    for (const [i, source] of files.entries()) writeFileSync(join(folder, name, `src/f${i}.as.ts`), source)
    const module = await compileKernels(join(folder, name), '', undefined, ['plain'])
    const [, bytes] = /plain: string = '(.*)'/.exec(module)!
    const { instance } = await WebAssembly.instantiate(Buffer.from(bytes, 'hex'), { env: { memory } })
    return instance.exports as Record<string, F>
  }

  beforeAll(async () => {
    const named = instrumented.map(({ code }, i) => code.replace('function f(', `function f${i}(`))
    plain = await compile('plain', sources)
    withCounters = await compile('counted', named)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each(both.map((kind, i) => ({ ...kind, i })))('$name', ({ i, ...kind }) => {
    const taken = (): Uint8Array => new Uint8Array(memory.buffer, 64, 64)
    check(kind, plain[`f${i}`], withCounters[`f${i}`], instrumented[i].points, taken)
  })

  test('a return out of a loop is not counted, and said', () => {
    const source = 'export function f(a: i32): i32 { while (a > 1) return 3\n  return a }'
    expect(() => counted(source, assemblyscript(64))).toThrow(
      'f.ts:1: branches are not counted in a ReturnStatement here',
    )
  })
})
