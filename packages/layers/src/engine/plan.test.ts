import { blocksTaken, Loaded, manualSeed, randn, Tensor, useBackend } from '@handgrad/tensor'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { Conv2d, Dropout, type Layer, ReLU } from '../index.ts'
import { Plan } from './plan.ts'

/** 16 channels in between are 64 floats of each cell; in and out there is one. */
function layers(): Layer[] {
  manualSeed(1)
  return [new Conv2d(1, 16, 1), new ReLU(), new Conv2d(16, 1, 1), new Dropout(0.5)]
}

function planOf(N: number, H: number, keeps: boolean): Plan {
  const plan = Plan.of(layers(), [N, 1, H, 64], 'simd-plain', keeps, false) as Plan
  onTestFinished(() => plan.unload())
  return plan
}

/** One pass: its output and both ways back. */
function pass(plan: Plan, x: Tensor): number[][] {
  manualSeed(3)
  const y = plan.forward(x)
  const dy = new Tensor<'float32'>(Float32Array.from(y, Math.cos), x.shape)
  const [first, second, again] = [true, false, true].map((inputGrad) => plan.backward(dy, inputGrad))
  expect(second.dx).toBe(null)
  expect(second.parameters).toEqual(first.parameters)
  expect(again).toEqual(first)
  return [y, first.dx!, ...first.parameters.map(([, gradient]) => gradient.data)].map((values) => [...values])
}

beforeEach(() => useBackend('simd-plain'))

describe('a pass', () => {
  test('that keeps nothing comes to the same bits, masks and all', () => {
    const x = randn([5, 1, 3, 64])
    const kept = pass(planOf(5, 3, true), x)
    expect(kept[1].filter((value) => value === 0).length).toBeGreaterThan(0)
    expect(pass(planOf(5, 3, false), x)).toEqual(kept)
  })

  test('keeps what it needs up to 64 MB, and above that its input and masks alone', () => {
    // A sample keeps 16 × 64 × 64 floats: 256 KiB.
    const x = randn([257, 1, 64, 64]).data
    const sizes = [256, 257, 128, 129]
    const plans = sizes.map((N) => planOf(N, 64, true))
    const [most, more, ...halves] = [
      x.subarray(0, 256 * 4096),
      x,
      x.subarray(0, 128 * 4096),
      x.subarray(128 * 4096),
    ].map((data, i) => {
      // Two smaller batches draw the same masks, one after the other.
      if (i < 3) manualSeed(3)
      const shape = [sizes[i], 1, 64, 64]
      const y = plans[i].forward(new Tensor<'float32'>(data, shape))
      const { dx, parameters } = plans[i].backward(new Tensor<'float32'>(y.map(Math.cos), shape), true)
      return {
        y,
        dx: dx!,
        bytes: plans[i].bytes,
        parameters: parameters.map(([, gradient]) => [...gradient.data]),
      }
    })
    expect(most.bytes).toBeGreaterThan(64 << 20)
    expect(more.bytes).toBeLessThan(64 << 20)
    for (const key of ['y', 'dx'] as const) {
      const [first, second] = [halves[0][key], halves[1][key]]
      const at = more[key].findIndex((value, i) => value !== (first[i] ?? second[i - first.length]))
      expect([key, at]).toEqual([key, -1])
    }
    const { parameters } = more
    const sums = parameters.map((values, k) =>
      values.map((_, i) => halves[0].parameters[k][i] + halves[1].parameters[k][i]),
    )
    const scale = Math.max(...sums.flat().map(Math.abs))
    const furthest = Math.max(
      ...parameters.flatMap((values, k) => values.map((value, i) => Math.abs(value - sums[k][i]))),
    )
    expect(scale).toBeGreaterThan(100)
    expect(furthest / scale).toBeLessThan(1e-4)
  })
})

test('what it says to take is what it has taken', () => {
  for (const keeps of [true, false]) {
    const plan = planOf(5, 3, keeps)
    const before = plan.bytes
    plan.forward(randn([5, 1, 3, 64]))
    expect(plan.bytes).toBe(before)
    plan.backward(randn([5, 1, 3, 64]), true)
    expect(plan.bytes > before).toBe(!keeps)
    plan.unload()
    expect(plan.bytes).toBe(before)
  }
})

test('where a thread died, in one program or the other, it goes on in new memory', () => {
  const [x, dy] = [randn([5, 1, 3, 64]), randn([5, 1, 3, 64])]
  for (const keeps of [true, false]) {
    const plan = planOf(5, 3, keeps)
    const expected = pass(plan, x)
    const before = blocksTaken()
    plan.backward(dy, true)
    expect(blocksTaken()).toBe(before)
    for (const which of keeps ? [0] : [0, 1]) {
      const isLost = vi.spyOn(Loaded.prototype, 'isLost', 'get')
      for (let looks = 0; looks < which; looks++) isLost.mockReturnValueOnce(false)
      isLost.mockReturnValueOnce(true)
      plan.backward(dy, true)
      isLost.mockRestore()
      expect(blocksTaken()).toBeGreaterThan(before)
      expect(pass(plan, x)).toEqual(expected)
    }
  }
})
