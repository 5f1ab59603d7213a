import { describe, expect, test } from 'vitest'
import cases from '../../../../fixtures/tensor/cases.json' with { type: 'json' }
import { golden } from '../../test/golden.ts'
import {
  argmaxTaps,
  fold,
  gatherTaps,
  resolveWindow,
  scatterTaps,
  tensor,
  unfold,
  type Window,
  type WindowOptions,
} from '../index.ts'

const pools = cases.pool.map((each, i) => [i, each] as const)

function taps(i: number, { extents, ...options }: (typeof cases.pool)[number]) {
  const win = resolveWindow(extents[0], extents[1], options as unknown as WindowOptions)
  const x = golden(`pool/${i}/x`)
  const [N, C] = x.shape as [number, number]
  const X = unfold(x, win, -Infinity).reshape([N, C, win.Kh * win.Kw, -1])
  return { win, X, taps: argmaxTaps(X, win) }
}

/** Which cell of the image a tap of window `l` reads. */
function cell(tap: number, l: number, { W, Wo, Kw, sh, sw, ph, pw, dh, dw }: Window): number {
  const y = Math.floor(l / Wo) * sh + Math.floor(tap / Kw) * dh - ph
  return y * W + (l % Wo) * sw + (tap % Kw) * dw - pw
}

describe('max pooling as torch: whole numbers with ties, NaN, −∞, and zeros of both signs', () => {
  test.each(pools)('the cell of each maximum, case %i', (i, options) => {
    const { win, taps: found } = taps(i, options)
    const L = win.Ho * win.Wo
    const cells = Array.from(found.data, (tap, at) => cell(tap, at % L, win))
    expect(cells).toEqual([...golden<'int32'>(`pool/${i}/indices`).data])
  })

  test.each(pools)('the maximum, case %i', (i, options) => {
    const { X, taps: found } = taps(i, options)
    const y = golden(`pool/${i}/y`)
    expect(gatherTaps(X, found).reshape(y.shape)).toEqual(y)
  })

  test.each(pools)('the gradient, case %i', (i, options) => {
    const { win, X, taps: found } = taps(i, options)
    const [N, C, K, L] = X.shape as [number, number, number, number]
    const dX = scatterTaps(golden(`pool/${i}/dy`).reshape([N, C, L]), found, K)
    // Bits, since toEqual tells 0 from −0 and a sum of no gradient is 0 in both.
    expect(fold(dX.reshape([N, C * K, L]), win)).toEqual(golden(`pool/${i}/dx`))
  })

  test('the cases have ties, NaN, −∞ and padding', () => {
    const all = pools.flatMap(([i]) => [...golden(`pool/${i}/y`).data])
    expect([all.some(Number.isNaN), all.includes(-Infinity)]).toEqual([true, true])
    expect(pools.some(([, { padding }]) => padding[0] > 0 && padding[1] > 0)).toBe(true)
    expect(pools.filter(([, { ceilMode }]) => ceilMode).length).toBeGreaterThan(4)
  })
})

test('the last of several NaN, the first of ties, and the first cell of a window of −∞', () => {
  const win = resolveWindow(1, 4, { kernelSize: [1, 4] })
  const first = (values: number[]) => argmaxTaps(tensor(values, [1, 1, 4, 1]), win).item()
  expect(first([1, NaN, 5, NaN])).toBe(3)
  expect(first([1, 5, 5, 5])).toBe(1)
  expect(first([-0, 0, 0, -0])).toBe(0)
  expect(first([-Infinity, -Infinity, -Infinity, -Infinity])).toBe(0)
})

test('a window that lies in the padding altogether is −∞, and its gradient goes nowhere', () => {
  const win = resolveWindow(1, 2, { kernelSize: 1, padding: [0, 1] })
  const X = unfold(tensor([1, 2, 3, 4], [2, 1, 1, 2]), win, -Infinity).reshape([2, 1, 1, 4])
  const first = argmaxTaps(X, win)
  expect([...first.data]).toEqual([1, 0, 0, 0, 1, 0, 0, 0])
  expect([...gatherTaps(X, first).data]).toEqual([-Infinity, 1, 2, -Infinity, -Infinity, 3, 4, -Infinity])
  const G = tensor([10, 20, 30, 40, 50, 60, 70, 80], [2, 1, 4])
  expect(fold(scatterTaps(G, first, 1).reshape([2, 1, 4]), win).toArray()).toEqual([
    [[[20, 30]]],
    [[[60, 70]]],
  ])
})
