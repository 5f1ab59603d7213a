import { globSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { instrumentAll } from './build.ts'
import { placeOf, programFunctions } from './program-functions.ts'
import { parse, walk } from './syntax.ts'

const sources = {
  'packages/tensor/src/compiler.ts': `
    export interface Value { ref: number }
    export class Compiler { call(): void {} }
    export function other(): void {}`,
  'packages/layers/src/made.ts': `
    import type { Value } from '@handgrad/tensor'
    export interface Made { value: Value }
    export interface Told { tell(value: Value): void }
    export class Kept { readonly made: Made | null = null
      run(): void { helped() } }
    function helped(): void {}
    function left(told: Told): void {}`,
  'packages/layers/src/relu/relu.ts': `
    import { type Made } from '../made.ts'
    import { up } from '../pack.ts'
    import { other } from '@handgrad/tensor'
    interface Value { own: string }
    export function byField(): Made | null { return up(1, () => other()) }
    export function byKernel(c: any): void { c.call('layers/relu_forward') }
    export function around(): void { const inner = (made: Made): void => {} }
    export function ofItsOwn(value: Value): void {}
    export function path(): string { return './layers/relu.ts' }`,
  'packages/layers/src/pack.ts': `
    export const up = (value: number, f: () => void): null => null
    export const down = (value: number): null => null`,
}

test('what writes a program down is found by what it is about, wherever it stands', () => {
  const trees = new Map(Object.entries(sources).map(([file, text]) => [file, parse(file, text)]))
  const found = programFunctions(trees)
  const text = Object.entries(sources).flatMap(([file, source]) => {
    const named: string[] = []
    walk(trees.get(file)!.program, (node) => {
      if (found.has(placeOf(file, node)))
        named.push(source.slice(node.start, node.end).split(/[{\n]/)[0].trim())
    })
    return named
  })
  expect(text).toEqual([
    '(): void',
    '(): void',
    'function helped(): void',
    'function byField(): Made | null',
    '() => other()',
    'function byKernel(c: any): void',
    'function around(): void',
    '(made: Made): void =>',
    '(value: number, f: () => void): null => null',
  ])
})

test('every kernel and every compile step of the repository is counted', () => {
  const { code, points } = instrumentAll()
  const root = join(import.meta.dirname, '../..')
  const expected = globSync('packages/{tensor,layers,loss-optim}/src/**/{compile*,*.as}.ts', { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    // Nothing but the fields of sizes; tests.
    .filter((file) => !/\/(sizes|window)\.inline\.as\.ts$|\.test\.ts$/.test(file))
  expect(expected.length).toBeGreaterThan(20)
  expect(expected.filter((file) => !code.has(file))).toEqual([])
  expect(points.flatMap(({ outcomes }) => outcomes).length).toBeGreaterThan(800)
})
