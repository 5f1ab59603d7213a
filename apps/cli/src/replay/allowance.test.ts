import { type FloatDType, tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { allowancesAt, doubleAllowances, shareOf } from './allowance.ts'
import { largest, largestSums, places, withMagnitudes } from './magnitudes.ts'
import type { RunDescription } from './record.ts'
import { linear, pool, recordOf, relu, t } from './test/by-hand.ts'
import { Twin } from './twin.ts'

const u = 2 ** -24

/** One Linear layer, one image of class 0: y = [1, 3], p = softmax(y), dy = [p₀ − 1, p₁]. */
function oneLayer(errors: Readonly<Record<string, number>> = {}, about: Partial<RunDescription> = {}) {
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
    { ...about, model: [linear(2, 2)], tensors: names, dtype: 'float32' },
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

it('after a step is what either end of the gradient makes: one whose sign is not sure may go either way', () => {
  // Adam's first step without momentum is lr · g/|g|: 0.5, the other way 1 further off.
  const adam = { torch: 'Adam', options: { lr: 0.5, betas: [0, 0.999] } }
  const { record, x, y } = oneLayer({ 'd.0.bias': 0.2 }, { optimizer: adam })
  // db = [−0.88, 0.88], each 1 off at most.
  const { all, more } = allowancesAt(record, 0, x, y)['next.0.bias']
  expect([...more!.data]).toEqual([expect.closeTo(1, 6), expect.closeTo(1, 6)])
  expect(all).toBeLessThan(1e-6)
})

/**
 * y.0 = [2, rest], and what the second is decides whether the first layer hears of the second row of the last: there
 * dy.1 = [−2p, 2p] with p = softmax([2, −2])[1].
 */
function closeDecision(dtype: FloatDType, rest: number, error: number) {
  const names =
    'x y.0 y.1 y.2 loss dy.2 dy.1 dy.0 dx p.0.weight d.0.weight p.0.bias d.0.bias p.2.weight d.2.weight'.split(
      ' ',
    )
  const after = ['next.0.weight', 'next.0.bias', 'next.2.weight']
  const [first, bias, last] = [[[1, 1], [-1, 1]], [0, rest], [[1, 2], [-1, 4]]] // biome-ignore format: matrices
  const record = recordOf(
    { model: [linear(2, 2), relu, linear(2, 2, false)], tensors: [...names, ...after], dtype },
    {
      '0/state.0.weight': t(first, dtype),
      '0/state.0.bias': t(bias, dtype),
      '0/state.2.weight': t(last, dtype),
      '0/stats': t([...names, ...after].map((name) => [0, 0, 0, 0, name === 'y.0' ? error : 0])),
    },
  )
  return { record, x: t([[1, 1]], dtype), y: tensor(Int32Array.of(0)), slope: 2 / (1 + Math.exp(4)) }
}

describe('a decision that is closer than what rounding explains', () => {
  it('may be the other in every gradient before it, and in the parameters after the step', () => {
    const { record, x, y, slope } = closeDecision('float32', 1e-6, 1e-5)
    const allowances = allowancesAt(record, 0, x, y)
    const more = (name: string) => [...(allowances[name].more?.data ?? [])]
    const near = (value: number) => expect.closeTo(value, 5)
    expect(more('dy.0')).toEqual([0, near(slope)])
    expect(more('d.0.weight')).toEqual([0, 0, near(slope), near(slope)])
    expect(more('next.0.weight')).toEqual([near(0), near(0), near(slope / 2), near(slope / 2)])
    expect(more('next.0.bias')).toEqual([near(0), near(slope / 2)])
    for (const name of ['x', 'y.0', 'd.2.weight']) expect(allowances[name].more, name).toBeNull()
  })

  it('of equal values is no such, where both move alike', () => {
    const names = 'x y.0 y.1 y.2 loss dy.2 dy.1 dy.0 dx d.2.weight next.2.weight'.split(' ')
    const record = recordOf(
      {
        model: [pool(2), { torch: 'Flatten', args: {} }, linear(1, 2, false)],
        tensors: names,
        dtype: 'float32',
      },
      { '0/state.2.weight': t([[2], [1]], 'float32'), '0/stats': t(names.map(() => [0, 0, 0, 0, 1e-3])) },
    )
    const x = t([[[[7, 7], [1, 2]]]], 'float32') // biome-ignore format: an image
    expect(allowancesAt(record, 0, x, tensor(Int32Array.of(0)))['dx'].more).toBeNull()
  })

  it('leaves in float64 the parameters with the gradients of the pass, for the step', () => {
    const { record, x, y, slope } = closeDecision('float64', 1e-12, 0)
    const twin = new Twin(record)
    twin.restore(0)
    const tensors = twin.pass(x, y)
    const { dx } = doubleAllowances(twin, tensors, 1e-10)
    expect([...dx.more!.data]).toEqual([expect.closeTo(slope, 9), expect.closeTo(slope, 9)])
    for (const [name, parameter] of twin.parameters) expect(parameter.g, name).toBe(tensors[`d.${name}`])
    expect([...tensors['d.0.weight'].data].map(Math.sign)).toEqual([-1, -1, 1, 1])
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
    const behind = new Twin(recordOf({ model: [linear(2, 2), relu] }))
    const more = behind.pass(t([[1, -2]]), y)
    // A ReLU adds no rounding.
    expect(Object.keys(largestSums(behind, more)).sort()).toEqual([
      'd.0.bias',
      'd.0.weight',
      'dx',
      'dy.1',
      'loss',
      'y.0',
    ])
    expect(places(twin, tensors)).toMatchObject([{ name: '0', inputName: 'x', into: 'dx', input: tensors.x }])
  })
})
