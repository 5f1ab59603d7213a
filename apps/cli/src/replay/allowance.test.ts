import { type Tensor, tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { allowancesAt, doubleAllowances, shareOf } from './allowance.ts'
import { kinkSpread } from './kinks.ts'
import { largest, largestSums, places, withMagnitudes } from './magnitudes.ts'
import { linear, pool, recordOf, relu, t } from './test/by-hand.ts'
import { type Named, Twin } from './twin.ts'

const u = 2 ** -24

/** One Linear layer, one image of class 0: y = [1, 3], p = softmax(y), dy = [p₀ − 1, p₁]. */
function oneLayer(errors: Readonly<Record<string, number>> = {}) {
  const names = [
    'x',
    'y.0',
    'loss',
    'dy.0',
    'dx',
    'p.0.weight',
    'd.0.weight',
    'p.0.bias',
    'd.0.bias',
    'next.0.weight',
    'next.0.bias',
  ]
  const stats = t(names.map((name) => [0, 0, 0, 0, errors[name] ?? 0]))
  const record = recordOf(
    { model: [linear(2, 2)], tensors: names, dtype: 'float32' },
    {
      '0/state.0.weight': t(
        [
          [1, 0],
          [0.5, -1],
        ],
        'float32',
      ),
      '0/state.0.bias': t([0, 0.5], 'float32'),
      '0/stats': stats,
    },
  )
  return { record, x: t([[1, -2]], 'float32'), y: tensor(Int32Array.of(0)) }
}
const p1 = Math.E ** 2 / (1 + Math.E ** 2)

describe('what rounding allows in a step, by hand', () => {
  const { record, x, y } = oneLayer()
  const allowances = allowancesAt(record, 0, x, y)
  const all = (name: string): number => allowances[name].all

  it('is five roundings of the largest sum of magnitudes of each tensor', () => {
    // |1|·1 + |−2|·0 + 0 and |1|·0.5 + |−2|·1 + 0.5.
    expect(all('y.0')).toBeCloseTo(5 * u * 3, 18)
    // |dy| times the columns of |w|: 1.5 and 1.
    expect(all('dx')).toBeCloseTo(5 * u * p1 * 1.5, 18)
    expect(all('d.0.weight')).toBeCloseTo(5 * u * p1 * 2, 18)
    expect(all('d.0.bias')).toBeCloseTo(5 * u * p1, 18)
    expect(all('dy.0')).toBeCloseTo(5 * u * p1, 18)
  })

  it('is for the loss that of the logits by its slopes, where that is more than its own', () => {
    expect(all('loss')).toBeCloseTo(5 * 2 * p1 * 3 * u, 18)
  })

  it('is for what is only read nothing, and for what the step makes what its gradient may be off', () => {
    expect(all('x')).toBe(0)
    expect(all('p.0.weight')).toBe(0)
    const next = allowances['next.0.bias']
    // b − 0.5 · db = [0.44, 0.06].
    expect(next.all).toBeCloseTo(5 * u * 0.5 * p1, 18)
    for (const more of next.more!.data) expect(more).toBeCloseTo(0.5 * all('d.0.bias'), 15)
    expect(allowances['next.0.weight'].more!.shape).toEqual([2, 2])
    expect(Object.values(allowances).every(({ more }, i) => more === null || i >= 9)).toBe(true)
  })

  it('is five times PyTorch’s own error where that is larger, of that tensor alone', () => {
    const { record: rough } = oneLayer({ 'y.0': 1e-3, 'd.0.weight': 2e-3, dx: 1e-12 })
    const own = allowancesAt(rough, 0, x, y)
    expect(own['y.0'].all).toBeCloseTo(5e-3, 12)
    expect(own['d.0.weight'].all).toBeCloseTo(1e-2, 12)
    expect(own['loss'].all).toBeCloseTo(5 * 2 * p1 * 1e-3, 12)
    for (const name of ['dx', 'd.0.bias', 'dy.0']) expect(own[name]).toEqual(allowances[name])
    expect(own['next.0.weight'].more!.data[3]).toBeCloseTo(0.5 * 1e-2, 12)
  })
})

it('a layer without sums has the error of what it reads, forward and back', () => {
  const names = ['x', 'y.0', 'y.1', 'loss', 'dy.1', 'dy.0', 'dx', 'p.0.weight', 'd.0.weight', 'next.0.weight']
  const errors: Record<string, number> = { 'y.0': 1e-4, 'dy.1': 1e-5 }
  const record = recordOf(
    { model: [linear(1, 2, false), relu], tensors: names, dtype: 'float32' },
    {
      '0/state.0.weight': t([[3], [2]], 'float32'),
      '0/stats': t(names.map((name) => [0, 0, 0, 0, errors[name] ?? 0])),
    },
  )
  const allowances = allowancesAt(record, 0, t([[1]], 'float32'), tensor(Int32Array.of(1)))
  const p = Math.E / (1 + Math.E)
  expect(allowances['y.1'].all).toBeCloseTo(5e-4, 12)
  expect(allowances['loss'].all).toBeCloseTo(5 * 2 * p * 1e-4, 12)
  expect(allowances['dy.0'].all).toBeCloseTo(5e-5, 12)
  expect(allowances['dx'].all).toBeCloseTo(5 * u * p * 5, 15)
})

describe('float64', () => {
  it('is held to a share of the largest element of each tensor', () => {
    const tensors = { a: t([1, -4, 2]), b: t([]), c: t([0, 0]) }
    expect(shareOf(tensors, 0.25)).toEqual({
      a: { all: 1, more: null },
      b: { all: 0, more: null },
      c: { all: 0, more: null },
    })
  })

  it('may have another of two equal maxima in the gradients of activations, not in those of parameters', () => {
    const record = recordOf(
      { model: [pool(2), { torch: 'Flatten', args: {} }, linear(1, 2, false)] },
      { '0/state.2.weight': t([[2], [1]]) },
    )
    const twin = new Twin(record)
    twin.restore(0)
    const tensors = twin.pass(
      t([
        [
          [
            [7, 7],
            [1, 2],
          ],
        ],
      ]),
      tensor(Int32Array.of(0)),
    )
    const kept = twin.parameters.map(([name]) => tensors[`d.${name}`])
    const allowances = doubleAllowances(twin, tensors, 1e-10)
    const [slope] = [Math.abs(tensors['dy.0'].data[0])]
    expect(slope).toBeGreaterThan(0)
    expect([...allowances['dx'].more!.data]).toEqual([slope, slope, 0, 0])
    expect(allowances['y.0']).toEqual({ all: expect.closeTo(7e-10, 20), more: null })
    expect(allowances['d.2.weight'].more).toBeNull()
    // The parameters have the gradients of the pass again, for the step.
    expect(twin.parameters.map(([, parameter]) => parameter.g)).toEqual(kept)
  })
})

describe('close decisions', () => {
  /** ReLU in front of a Linear layer. */
  function reluFirst(reach: number, x: Tensor, ties: 'stay' | 'move' = 'stay'): Named {
    const record = recordOf(
      { model: [relu, linear(3, 2, false)] },
      {
        '0/state.1.weight': t([
          [1, 2, 3],
          [-1, 0, 5],
        ]),
      },
    )
    const twin = new Twin(record)
    twin.restore(0)
    return kinkSpread(twin, twin.pass(x, tensor(Int32Array.of(1))), { x: reach, 'y.0': 0, 'y.1': 0 }, ties)
  }

  it('of a ReLU reach the gradients of elements that are nearer to 0 than what moves them', () => {
    const spread = reluFirst(1e-3, t([[0.5, 1e-5, -1e-5]]))
    const { dx } = spread
    expect(Object.keys(spread)).toEqual(['dx'])
    expect(dx.data[0]).toBe(0)
    expect(dx.data[1]).toBeGreaterThan(0)
    expect(dx.data[2]).toBeGreaterThan(0)
    expect(reluFirst(1e-6, t([[0.5, 1e-5, -1e-5]]))).toEqual({})
    expect(reluFirst(0, t([[0.5, 0, 0]]))).toEqual({})
  })

  it('of layers behind spread to the parameters and gradients in front, by magnitudes', () => {
    // y.0 = [2, 1e-6]: the second is within reach; it changes dy.0 by |dy.1|, and so dx and dw.
    const record = recordOf(
      { model: [linear(2, 2), relu, linear(2, 2, false)] },
      {
        '0/state.0.weight': t([
          [1, 1],
          [-1, 1],
        ]),
        '0/state.0.bias': t([0, 1e-6]),
        '0/state.2.weight': t([
          [1, 2],
          [-1, 4],
        ]),
      },
    )
    const twin = new Twin(record)
    twin.restore(0)
    const before = twin.parameters.map(([, parameter]) => [...parameter.data])
    const truth = twin.pass(t([[1, 1]]), tensor(Int32Array.of(0)))
    const spread = kinkSpread(twin, truth, { x: 0, 'y.0': 1e-3, 'y.1': 0, 'y.2': 0 }, 'stay')
    const change = Math.abs(truth['dy.1'].data[1])
    expect(change).toBeGreaterThan(0)
    expect([...spread['dy.0'].data]).toEqual([0, change])
    expect([...spread['dx'].data]).toEqual([change, change])
    expect([...spread['d.0.weight'].data]).toEqual([0, 0, change, change])
    expect([...spread['d.0.bias'].data]).toEqual([0, change])
    expect(Object.keys(spread).sort()).toEqual(['d.0.bias', 'd.0.weight', 'dx', 'dy.0'])
    expect(twin.parameters.map(([, parameter]) => [...parameter.data])).toEqual(before)
  })

  it('of equal values stay where they move alike, and are taken either way where each moves by itself', () => {
    const record = recordOf(
      { model: [pool(2), { torch: 'Flatten', args: {} }, linear(1, 2, false)] },
      { '0/state.2.weight': t([[2], [1]]) },
    )
    const twin = new Twin(record)
    twin.restore(0)
    const truth = twin.pass(
      t([
        [
          [
            [7, 7],
            [1, 2],
          ],
        ],
      ]),
      tensor(Int32Array.of(0)),
    )
    const reach = { x: 1e-9, 'y.0': 0, 'y.1': 0, 'y.2': 0 }
    expect(kinkSpread(twin, truth, reach, 'stay')).toEqual({})
    expect([...kinkSpread(twin, truth, reach, 'move').dx.data].map(Math.sign)).toEqual([1, 1, 0, 0])
  })
})

describe('magnitudes', () => {
  it('the largest element counts without its sign', () => {
    expect([largest(t([1, -4, 2])), largest(t([])), largest(t([-0]))]).toEqual([4, 0, 0])
  })

  it('parameters are as they were after they were magnitudes, after an error too', () => {
    const twin = new Twin(
      recordOf(
        { model: [linear(1, 2)] },
        { '0/state.0.weight': t([[-2], [1]]), '0/state.0.bias': t([0, -3]) },
      ),
    )
    twin.restore(0)
    const values = (): number[] => twin.parameters.flatMap(([, { data }]) => [...data])
    expect(withMagnitudes(twin, values)).toEqual([2, 1, 0, 3])
    expect(values()).toEqual([-2, 1, 0, -3])
    expect(() =>
      withMagnitudes(twin, () => {
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(values()).toEqual([-2, 1, 0, -3])
  })

  it('sums are of the tensors that are sums, and of the loss and its gradient', () => {
    const { record, x, y } = oneLayer()
    const twin = new Twin(record, 'float64')
    twin.restore(0)
    const tensors = twin.pass(tensor(x.data, x.shape, { dtype: 'float64' }), y)
    const sums = largestSums(twin, tensors)
    expect(Object.keys(sums).sort()).toEqual(['d.0.bias', 'd.0.weight', 'dx', 'dy.0', 'loss', 'y.0'])
    expect(sums['y.0']).toBe(3)
    expect(sums['loss']).toBeCloseTo(Math.log(1 + Math.E ** 2), 12)
    expect(places(twin, tensors)).toMatchObject([{ name: '0', inputName: 'x', into: 'dx', input: tensors.x }])
  })
})
