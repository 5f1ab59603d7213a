import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileFunction } from 'node:vm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromDifference } from '../../packages/tensor/src/simd/letters.ts'
import { compileKernels } from '../compile-kernels.ts'
import { assemblyscript, typescript } from './build.ts'
import * as counters from './counters.ts'
import { instrument, type Language } from './instrument.ts'
import { sizesOf } from './least-turns.ts'
import { counting, faults, type Point } from './point.ts'
import { parse } from './syntax.ts'
import { type Kind, kinds } from './test/kinds.ts'

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

describe('what counts', () => {
  const source = `function f(a: number, b: number): number {
    // not finite: there is no gradient of it
    let s = a > 1 ? 1 : 2
    // finite: is no reason
    if (b > 1) s = 3 // not finite: nor of this
    s += 1
    return b > 2 ? s : a
  }`

  test('without gradients of x, only of what is not finite', () => {
    const { points } = counted(source, typescript)
    expect(points.map(({ text, needsGradient }) => [text, needsGradient])).toEqual([
      ['a > 1', false],
      ['b > 1', false],
      ['b > 2', true],
    ])
    const taken = new Uint8Array(points[2].first + 3).fill(1)
    const last = points[2].first
    expect(counting(points, taken, true)).toEqual(taken)
    expect(counting(points, taken, false)).toEqual(
      taken.map((own, i) => (i === last || i === last + 1 ? 0 : own)),
    )
    expect(taken[last]).toBe(1)
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
    const [, letters] = /plain: string = "(.*)"/.exec(module)!
    const { instance } = await WebAssembly.instantiate(fromDifference(new Uint8Array(0), letters), {
      env: { memory },
    })
    return instance.exports as Record<string, F>
  }

  beforeAll(async () => {
    const named = instrumented.map(({ code }, i) => code.replace('function f(', `function f${i}(`))
    plain = await compile('plain', sources)
    withCounters = await compile('counted', named)
  }, 120_000)
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
