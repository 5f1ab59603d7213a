import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  instantiate,
  type Kernel,
  kernelModules,
  recompileKernels,
  sharedMemory,
  takeBlock,
} from '../index.ts'
import { freeBlock } from './memory.ts'

/** Beyond what a kernel may write. */
const BEHIND = 64
const held: [number, number][] = []
afterEach(() => {
  for (const [at, bytes] of held.splice(0)) freeBlock(at, bytes)
})

interface Block {
  at: number
  f: Float32Array
  i: Int32Array
}

/** A block of floats, with more behind them that nobody may change. */
function block(floats: ArrayLike<number> | number): Block {
  const length = typeof floats === 'number' ? floats : floats.length
  const bytes = 4 * length + BEHIND
  const at = takeBlock(bytes)
  held.push([at, bytes])
  const f = new Float32Array(sharedMemory().buffer, at, length)
  if (typeof floats !== 'number') f.set(floats)
  new Uint8Array(sharedMemory().buffer, at + 4 * length, BEHIND).fill(0xab)
  return { at, f, i: new Int32Array(sharedMemory().buffer, at, length) }
}

function expectUntouched({ at, f }: Block): void {
  expect(new Set(new Uint8Array(sharedMemory().buffer, at + 4 * f.length, BEHIND))).toEqual(new Set([0xab]))
}

/** Whole numbers, so that every sum is exact in whatever order. */
const numbers = (length: number, step = 7): Float32Array =>
  Float32Array.from({ length }, (_, i) => ((i * step) % 11) - 5)

describe.each(['simd', 'simd-plain'] as const)('%s', (backend) => {
  let kernels: Record<string, Kernel>
  beforeEach(() => {
    kernels = instantiate(kernelModules(backend), sharedMemory())
  })

  test.each([
    [1, 1, 1], [2, 3, 4], [3, 5, 5], [1, 4, 16], [2, 9, 17], [3, 2, 19], [5, 7, 20], [4, 1, 32], [6, 3, 35], [7, 6, 12], [8, 2, 3],
  ])('gemm: %i × %i by %i, on top of what is there or not', (R, K, F) => {
    const [rowA, rowB, rowC] = [K + 3, F + 5, F + 6]
    const a = numbers(R * rowA)
    const b = numbers(K * rowB + 16, 5)
    const before = numbers(R * rowC, 3)
    const A = block(a)
    const B = block(b)
    // A itself, and A as the transpose of what lies there.
    const turned = block(Float32Array.from({ length: K * R }, (_, i) => a[(i % R) * rowA + Math.floor(i / R)]))
    for (const [from, ar, ak] of [[A, rowA, 1], [turned, 1, R]] as const) {
      for (const add of [0, 1]) {
        const C = block(before)
        kernels['tensor/gemm'](from.at, 4 * ar, 4 * ak, B.at, 4 * rowB, C.at, 4 * rowC, R, K, F, add)
        const expected = before.slice()
        for (let r = 0; r < R; r++) {
          for (let f = 0; f < F; f++) {
            let sum = add === 1 ? before[r * rowC + f] : 0
            for (let k = 0; k < K; k++) sum += a[r * rowA + k] * b[k * rowB + f]
            expected[r * rowC + f] = sum
          }
        }
        expect([...C.f]).toEqual([...expected])
        expectUntouched(C)
      }
    }
  }) // biome-ignore format: sizes

  test.each([
    [1, 1, 3, 4, 1, 0], [2, 1, 2, 9, 1, 1], [3, 3, 2, 5, 4, 0], [2, 5, 3, 2, 8, 1], [1, 4, 1, 1, 4, 2], [2, 1, 3, 4, 4, 0],
    [2, 4, 2, 4, 4, 0], [3, 9, 2, 9, 12, 1], [2, 12, 3, 7, 16, 2], [2, 8, 1, 2, 8, 0], [3, 11, 1, 1, 12, 1], [1, 3, 4, 1, 4, 0],
    [2, 4, 1, 8, 5, 1],
  ])('image_in and image_out: %i images of %i channels, %i × %i, cells of %i floats, border %i', (N, C, H, W, cell, border) => {
    const row = (W + 2 * border) * cell
    const image = (H + 2 * border) * row + 4
    const src = numbers(N * C * H * W)
    const from = block(src)
    const to = block(new Float32Array(N * image).fill(99))
    const start = to.at + 4 * border * (row + cell)
    const sizes = [N, C, H, W, 4 * cell, 4 * row, 4 * image]
    kernels['tensor/image_in'](from.at, start, ...sizes)
    const expected = new Float32Array(N * image).fill(99)
    for (let n = 0; n < N; n++)
      for (let c = 0; c < C; c++)
        for (let h = 0; h < H; h++)
          for (let w = 0; w < W; w++)
            expected[n * image + (h + border) * row + (w + border) * cell + c] = src[((n * C + c) * H + h) * W + w]
    expect([...to.f]).toEqual([...expected])
    expectUntouched(to)
    const back = block(src.length)
    kernels['tensor/image_out'](start, back.at, ...sizes)
    expect([...back.f]).toEqual([...src])
    expectUntouched(back)
  }) // biome-ignore format: sizes

  test('copy_rows copies rows between two pitches', () => {
    const [N, H, floats, srcRow, dstRow, srcImage, dstImage] = [3, 2, 4, 6, 5, 13, 11]
    const src = numbers(N * srcImage)
    const [from, to] = [block(src), block(new Float32Array(N * dstImage).fill(99))]
    kernels['tensor/copy_rows'](
      from.at,
      to.at,
      N,
      H,
      4 * floats,
      4 * srcRow,
      4 * dstRow,
      4 * srcImage,
      4 * dstImage,
    )
    const expected = new Float32Array(N * dstImage).fill(99)
    for (let n = 0; n < N; n++)
      for (let h = 0; h < H; h++)
        for (let i = 0; i < floats; i++)
          expected[n * dstImage + h * dstRow + i] = src[n * srcImage + h * srcRow + i]
    expect([...to.f]).toEqual([...expected])
  })

  test('clear sets count × bytes to 0, and no more', () => {
    const to = block(numbers(20))
    kernels['tensor/clear'](to.at, 3, 20)
    expect([...to.f]).toEqual([...Array(15).fill(0), ...numbers(20).subarray(15)])
    kernels['tensor/clear'](to.at + 60, 1, 4)
    expect(to.f[15]).toBe(0)
    expect(to.f[16]).toBe(numbers(20)[16])
  })

  test('gather reads through a map, 0 where it says −1', () => {
    const from = block([10, 20, 30])
    const map = block(4)
    map.i.set([2, -1, 0, 2])
    const to = block([9, 9, 9, 9, 9])
    kernels['tensor/gather'](to.at, from.at, map.at, 4)
    expect([...to.f]).toEqual([30, 0, 10, 30, 9])
    kernels['tensor/gather'](to.at, from.at, map.at, 0)
    expect(to.f[0]).toBe(30)
  })

  test('reduce_slots adds the slots up in their order, and nothing else', () => {
    // In another order 1 + 2⁻²⁴ + 2⁻²⁴ is more than 1.
    const tiny = 2 ** -24
    const slots = block([1, tiny, 3, 4, 5, 6, 7, 8, 99, 99, 99, 99, tiny, 1, 30, 40, 50, 60, 70, 80, 99, 99, 99, 99, tiny, tiny, 300, 400, 500, 600, 700, 800])
    const sum = block(Array(12).fill(-1))
    kernels['tensor/reduce_slots'](sum.at, slots.at, 48, 3, 8)
    expect([...sum.f]).toEqual([1, 1, 333, 444, 555, 666, 777, 888, -1, -1, -1, -1])
    kernels['tensor/reduce_slots'](sum.at, slots.at, 48, 1, 4)
    expect([...sum.f.subarray(0, 5)]).toEqual([1, Math.fround(tiny), 3, 4, 555])
  }) // biome-ignore format: slots
})

test('a fused multiply-add rounds once, the plain one twice', () => {
  const x = 1 + 2 ** -12
  const product = (backend: 'simd' | 'simd-plain'): number => {
    const [left, right, sum] = [block([-1, x]), block([1, 0, 0, 0, x, 0, 0, 0]), block(4)]
    instantiate(kernelModules(backend), sharedMemory())['tensor/gemm'](
      left.at,
      8,
      4,
      right.at,
      16,
      sum.at,
      16,
      1,
      2,
      1,
      0,
    )
    return sum.f[0]
  }
  expect([product('simd'), product('simd-plain')]).toEqual([2 ** -11 + 2 ** -24, 2 ** -11])
})

test('a compilation that is asked for has other bytes than those before: V8 keeps machine code by bytes', () => {
  const { Module } = (
    globalThis as unknown as {
      WebAssembly: { Module: { customSections(m: object, name: string): unknown[] } }
    }
  ).WebAssembly
  const marks = (): number[] => {
    const module = kernelModules('simd').tensor
    return Array.from({ length: 128 }, (_, n) => n).filter(
      (n) => Module.customSections(module, String.fromCharCode(n)).length > 0,
    )
  }
  const before = marks()
  expect(before.length).toBeLessThanOrEqual(1)
  recompileKernels()
  const after = marks()
  expect(after).toHaveLength(1)
  expect(after).not.toEqual(before)
  expect(before).toEqual([])
})

test('modules are compiled once, and anew when they are asked to be', () => {
  const first = kernelModules('simd')
  expect(kernelModules('simd')).toBe(first)
  expect(kernelModules('simd-plain').tensor).not.toBe(first.tensor)
  for (let n = 0; n < 130; n++) recompileKernels()
  const second = kernelModules('simd')
  expect(second.tensor).not.toBe(first.tensor)
  const sum = block(4)
  instantiate(second, sharedMemory())['tensor/clear'](sum.at, 1, 4)
  expect(sum.f[0]).toBe(0)
})
