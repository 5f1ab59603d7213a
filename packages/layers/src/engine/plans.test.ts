import { backends, blocksTaken, randn, sharedMemory, Tensor, useBackend } from '@handgrad/tensor'
import { afterAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { type Layer, Linear, ReLU } from '../index.ts'
import { closePlans, forwardOnKernels, type Pass } from './plans.ts'

beforeEach(() => useBackend(backends().at(-1)!))
afterAll(() => useBackend('reference'))

/** Bytes of a ReLU's plan for a row of 2¹⁴ numbers. */
function bytesOfRow(): number {
  const layer = new ReLU()
  const { bytes } = forwardOnKernels(
    { owner: layer, layers: [layer], training: true },
    randn([8, 1 << 14]),
  )!.plan
  closePlans(layer)
  return bytes / 8
}

/** Rows for which a ReLU's plan takes so many megabytes. */
const rows = (megabytes: number): Tensor => randn([Math.floor((megabytes * 1e6) / bytesOfRow()), 1 << 14])

interface Owner {
  readonly owner: object
  readonly layers: readonly Layer[]
  forward(x: Tensor): Pass | null
}

function ownerOf(...layers: Layer[]): Owner {
  const owner = {}
  onTestFinished(() => closePlans(owner))
  return { owner, layers, forward: (x) => forwardOnKernels({ owner, layers, training: true }, x) }
}

/** What a pass takes to go back: 0 blocks of the kernels' memory, or those of its programs. */
function blocksToGoBack(pass: Pass): number {
  const before = blocksTaken()
  pass.backward(pass.y, true)
  return blocksTaken() - before
}

/** The slope of a ReLU where it was given `x`. */
const expected = (x: Tensor): number[] => Array.from(x.data.subarray(0, 100), (value) => Math.max(value, 0))
const came = (pass: Pass): number[] => Array.from(pass.input.g!.data.subarray(0, 100))

test('plans that were not used for longest leave first, and no more than there must; their passes go on', () => {
  const given = [rows(18), rows(20), rows(22)]
  const passes = given.map((x) => ownerOf(new ReLU()).forward(x)!)
  // 64 MiB are 67 MB: together they are 60, and with 22 more in the place of the first 64.
  const last = ownerOf(new ReLU()).forward(rows(22))!
  expect(blocksToGoBack(passes[1])).toBe(0)
  expect(blocksToGoBack(passes[2])).toBe(0)
  expect(blocksToGoBack(last)).toBe(0)
  expect(blocksToGoBack(passes[0])).toBeGreaterThan(0)
  expect(blocksToGoBack(passes[0])).toBe(0)
  for (const [i, pass] of passes.entries()) expect(came(pass)).toEqual(expected(given[i]))
})

test('a pass whose plan was closed is over, one that had left and come back as well', () => {
  const [first, second] = [ownerOf(new ReLU()), ownerOf(new ReLU())]
  const pass = first.forward(rows(40))!
  const other = second.forward(rows(40))!
  expect(blocksToGoBack(other)).toBe(0)
  expect(blocksToGoBack(pass)).toBeGreaterThan(0)
  for (const [{ owner }, own] of [
    [first, pass],
    [second, other],
  ] as const) {
    closePlans(owner)
    expect(() => own.backward(own.y, true)).toThrow('the pass was closed')
  }
})

test('of more shapes than four the oldest gives its memory back', () => {
  const owner = ownerOf(new ReLU())
  for (let n = 1; n <= 5; n++) owner.forward(randn([n, 1 << 16]))
  const { byteLength } = sharedMemory().buffer
  for (let n = 6; n <= 40; n++) owner.forward(randn([(n % 5) + 1, (1 << 16) - 64 * n]))
  expect(sharedMemory().buffer.byteLength - byteLength).toBeLessThan(4 << 20)
})

test('layers that had no plan for their own code get one when it is gone', () => {
  const [layer, other] = [new ReLU(), new ReLU()]
  const { owner, layers } = ownerOf(new Linear(4, 4), layer)
  const from = (first: number): Pass | null =>
    forwardOnKernels({ owner, layers, first, training: true }, randn([2, 4]))
  layer.forward = (x) => other.forward(x)
  expect(from(1)).toBe(null)
  expect(from(1)).toBe(null)
  expect(from(0)!.plan.layers).toHaveLength(1)
  Reflect.deleteProperty(layer, 'forward')
  expect(from(1)!.plan.layers).toEqual([layer])
  expect(from(0)!.plan.layers).toHaveLength(2)
})

test('a layer alone takes a small batch as one shard, as a network of it does not', () => {
  const layer = new Linear(256, 2)
  onTestFinished(() => closePlans(layer))
  const shardsOf = (owner: object, N: number): number =>
    forwardOnKernels({ owner, layers: [layer], training: true }, randn([N, 256]))!.plan.programs[0].program
      .shards
  expect(shardsOf(layer, 63)).toBe(1)
  expect(shardsOf(layer, 64)).toBe(8)
  const { owner } = ownerOf(layer)
  expect(shardsOf(owner, 63)).toBe(8)
})

test('an input without elements, of float64 or on reference is checked, and nobody plans for it', () => {
  const layer = new ReLU()
  const owned = { owner: layer, layers: [layer], training: true }
  const check = (): never => {
    throw new Error('checked')
  }
  const double = new Tensor<'float64'>(new Float64Array(2), [1, 2])
  for (const x of [new Tensor<'float32'>(new Float32Array(0), [0, 2]), double])
    expect(() => forwardOnKernels(owned, x, check)).toThrow('checked')
  expect(forwardOnKernels(owned, double)).toBe(null)
  useBackend('reference')
  expect(() => forwardOnKernels(owned, randn([1, 2]), check)).toThrow('checked')
})
