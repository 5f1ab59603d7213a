import {
  defaultGenerator,
  type FloatDType,
  full,
  manualSeed,
  saveSafetensors,
  type Tensor,
  tensor,
} from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import type { Checkable } from '../spec.ts'
import { about, bundle, tensors } from '../test/scale-bundle.ts'
import { type Bundle, parseBundle } from './bundle.ts'
import { allowed, type LayerFactory, verifyBundle } from './verify.ts'

/** y = w · x for one number w: dx = w · dy, dw = Σ x · dy. */
class Scale implements Checkable {
  readonly weight: Tensor
  pass: { x: Tensor; y: Tensor } | null = null

  constructor(dtype: FloatDType = 'float32') {
    this.weight = full([], 1, { dtype })
  }

  forward(x: Tensor): Tensor {
    const y = tensor(
      Array.from(x.data, (value) => this.weight.data[0] * value),
      x.shape,
      { dtype: x.dtype },
    )
    this.pass = { x, y }
    return y
  }

  bwd(): void {
    const { x, y } = this.pass!
    const dy = Array.from(y.g!.data)
    const { dtype } = x
    x.g = tensor(
      dy.map((value) => value * this.weight.data[0]),
      undefined,
      { dtype },
    )
    const sum = dy.reduce((total, value, i) => total + value * x.data[i], 0)
    this.weight.g = tensor(sum, [], { dtype })
  }

  namedParameters(): [string, Tensor][] {
    return [['weight', this.weight]]
  }
}

describe('verifyBundle', () => {
  it('takes an instance, in its own precision', () => {
    const { passed, problems, tensors: rows } = verifyBundle(new Scale(), bundle)
    expect({ passed, problems }).toEqual({ passed: true, problems: [] })
    expect(rows.map(({ dtype, tensor: name }) => `${dtype} ${name}`)).toEqual([
      'float32 y',
      'float32 dx',
      'float32 dweight',
    ])
  })

  it('names the element that is wrong', () => {
    const wrong = new Scale()
    const bwd = wrong.bwd.bind(wrong)
    wrong.bwd = (): void => {
      bwd()
      wrong.weight.g!.data[0] += 1
    }
    const { passed, tensors: rows } = verifyBundle(wrong, bundle)
    expect(passed).toBe(false)
    expect(rows.filter((row) => !row.passed).map(({ tensor: name, worst }) => [name, worst])).toMatchObject([
      ['dweight', { index: [], expected: -4.25, got: -3.25 }],
    ])
  })

  it('says what cannot be run', () => {
    const bare = { forward: (x: Tensor) => x.clone(), bwd() {} } as Checkable
    expect(verifyBundle(bare, bundle).problems).toEqual([
      'one, float64: the layer has no parameter weight',
      'one, float32: the layer has no parameter weight',
    ])
  })
})

/** A Scale in the precision that is wanted, with one thing changed. */
const scaleOf =
  (change: (layer: Scale) => void = () => {}): LayerFactory =>
  (_bundle, dtype) => {
    const layer = new Scale(dtype)
    change(layer)
    return layer
  }
const after =
  (change: (layer: Scale) => void) =>
  (layer: Scale): void => {
    const right = layer.bwd.bind(layer)
    layer.bwd = () => {
      right()
      change(layer)
    }
  }
/** The problems of a layer and a bundle. */
const problemsOf = (layer: LayerFactory, of: Bundle = bundle): readonly string[] => {
  const { passed, problems } = verifyBundle(layer, of)
  expect(passed).toBe(problems.length === 0)
  return problems
}

describe('each check of verifyBundle alone sees', () => {
  it('nothing in a right layer, in both precisions', () => {
    const { passed, tensors: rows } = verifyBundle(scaleOf(), bundle)
    expect(passed).toBe(true)
    expect(rows.map(({ dtype, tensor: name }) => `${dtype} ${name}`)).toEqual(
      ['float64', 'float32'].flatMap((dtype) => ['y', 'dx', 'dweight'].map((name) => `${dtype} ${name}`)),
    )
    expect(rows.map(({ theirUlps }) => theirUlps)).toEqual([null, null, null, 0, 0, 0])
    expect(rows.every(({ ulps, worst }) => ulps === 0 && worst === null)).toBe(true)
  })

  it.each(['float32', 'float64'] as const)('a mistake in %s, in any tensor', (dtype) => {
    const only = (change: (layer: Scale) => void) =>
      scaleOf((layer) => (layer.weight.dtype === dtype ? after(change)(layer) : undefined))
    expect(problemsOf(only(({ pass }) => (pass!.x.g!.data[1] *= 1.001)))).toEqual([
      expect.stringMatching(new RegExp(`^one, ${dtype}: dx \\[1\\]: expected -4, got -4\\.00`)),
    ])
    expect(problemsOf(only(({ pass }) => (pass!.y.data[2] = -7)))).toEqual([
      expect.stringMatching(new RegExp(`^one, ${dtype}: y \\[2\\]: expected -6, got -7, 1\\.00 apart`)),
    ])
    expect(problemsOf(only(({ weight }) => (weight.g!.data[0] = Number.NaN)))).toEqual([
      expect.stringMatching(new RegExp(`^one, ${dtype}: dweight \\[\\]: expected -4\\.25, got NaN$`)),
    ])
  })

  it('more than 16 roundings of the largest value, where the bundle’s own float32 is exact', () => {
    const off = (roundings: number, unit: number) =>
      scaleOf((layer) => {
        if ((layer.weight.dtype === 'float32') === (unit === 2 ** -24))
          after(({ pass }) => (pass!.y.data[0] += roundings * unit * 6))(layer)
      })
    for (const unit of [2 ** -24, 2 ** -53]) {
      expect(problemsOf(off(15.9, unit)), `${unit}`).toEqual([])
      expect(problemsOf(off(16.8, unit)), `${unit}`).toHaveLength(1)
    }
  })

  it('more than 4 times the bundle’s own error, where that is larger', () => {
    const rough = { ...bundle.tensors, 'one/float32/y': tensor([2, 4 + 2 ** -18, -6]) }
    const off = (by: number) =>
      scaleOf(
        after(({ weight, pass }) => (pass!.y.data[0] += weight.dtype === 'float32' ? by : by * 2 ** -29)),
      )
    const own = { ...bundle, tensors: rough }
    expect(problemsOf(off(4 * 2 ** -18), own)).toEqual([])
    const [wide, narrow, ...more] = problemsOf(off(4.1 * 2 ** -18), own)
    expect([wide, narrow, more]).toEqual([
      expect.stringMatching(/^one, float64: y \[0\]/),
      expect.stringMatching(/^one, float32: y \[0\]/),
      [],
    ])
    const { tensors: rows } = verifyBundle(scaleOf(), own)
    // Of 6, whose last place is 2⁻²¹.
    expect(rows.find((row) => row.dtype === 'float32' && row.tensor === 'y')).toMatchObject({
      ulps: 0,
      theirUlps: 8,
    })
  })

  it('a result of another shape or dtype', () => {
    const reshaped = scaleOf(after(({ pass }) => (pass!.x.g = pass!.x.g!.reshape([1, 3]))))
    expect(problemsOf(reshaped)).toEqual([
      'one, float64: dx is float64 [1,3], expected float64 [3]',
      'one, float32: dx is float32 [1,3], expected float32 [3]',
    ])
    const wide = scaleOf(
      after(({ pass }) => (pass!.x.g = tensor(pass!.x.g!.data, [3], { dtype: 'float64' }))),
    )
    expect(problemsOf(wide)).toEqual(['one, float32: dx is float64 [3], expected float32 [3]'])
  })

  it('a gradient that is null, of the input or a parameter', () => {
    expect(problemsOf(scaleOf(after(({ pass }) => (pass!.x.g = null))))).toEqual([
      'one, float64: bwd() left no dx',
      'one, float32: bwd() left no dx',
    ])
    expect(problemsOf(scaleOf(after(({ weight }) => (weight.g = null))))[0]).toBe(
      'one, float64: bwd() left no dweight',
    )
  })

  it('a gradient that was there before, where bwd() leaves none', () => {
    const stale = scaleOf((layer) => {
      layer.weight.g = tensor(-4.25, [], { dtype: layer.weight.dtype })
      layer.bwd = () => {
        layer.pass!.x.g = layer.pass!.y.g
      }
    })
    expect(problemsOf(stale)[0]).toBe('one, float64: bwd() left no dweight')
  })

  it('a parameter too many or of another size, and a golden tensor that nothing is compared with', () => {
    const more = scaleOf(
      (layer) =>
        (layer.namedParameters = () => [
          ['weight', layer.weight],
          ['gain', layer.weight],
        ]),
    )
    expect(problemsOf(more)[0]).toBe('one, float64: the bundle has no parameter gain')
    const longer = scaleOf((layer) => (layer.namedParameters = () => [['weight', tensor([1, 2])]]))
    expect(problemsOf(longer)[0]).toBe("one, float64: weight has 2 elements, the bundle's has 1")
    const extra = {
      ...bundle.tensors,
      'one/float32/dgain': tensor([1, 2]),
      'one/float64/dgain': tensor([1, 2], [2], { dtype: 'float64' }),
    }
    expect(problemsOf(scaleOf(), { ...bundle, tensors: extra })).toEqual([
      'one, float64: the layer gave no dgain',
      'one, float32: the layer gave no dgain',
    ])
  })

  it('a gradient of the bundle that proves nothing', () => {
    const with_ = (values: number[]): Bundle => ({
      ...bundle,
      tensors: {
        ...bundle.tensors,
        'one/float64/dx': tensor(values, [3], { dtype: 'float64' }),
        'one/float32/dx': tensor(values),
      },
    })
    const flat = (value: number) => scaleOf(after(({ pass }) => pass!.x.g!.data.fill(value)))
    const why = 'it proves nothing; change the case, or say why it must be'
    expect(problemsOf(flat(0), with_([0, 0, 0]))).toEqual([`one: golden dx is all zero: ${why}`])
    expect(problemsOf(flat(2), with_([2, 2, 2]))).toEqual([`one: golden dx is constant: ${why}`])
  })

  it('what is no layer, and what gives no tensor', () => {
    for (const [made, what] of [
      [undefined, 'undefined'],
      [null, 'null'],
      [{ forward() {} }, 'object'],
      [7, 'number'],
    ] as const) {
      expect(problemsOf(() => made as never)[0]).toBe(
        `one, float64: the layer is ${what}, expected an object with forward() and bwd()`,
      )
    }
    expect(problemsOf(scaleOf((layer) => (layer.forward = () => undefined as never)))[0]).toBe(
      'one, float64: forward() gave undefined, expected a tensor',
    )
  })
})

describe('a bundle', () => {
  it('says where the generator starts, and whether the layer trains', () => {
    const seen: unknown[] = []
    const layer = scaleOf((one) => {
      const forward = one.forward.bind(one)
      one.forward = (x) => (seen.push(defaultGenerator.random53()), forward(x))
      Object.assign(one, { train: () => seen.push('train'), eval: () => seen.push('eval') })
    })
    const seeded = (mode: Bundle['mode']): Bundle => ({
      ...bundle,
      mode,
      cases: [{ ...bundle.cases[0], seed: 3 }],
    })
    manualSeed(3)
    const first = defaultGenerator.random53()
    verifyBundle(layer, seeded('train'))
    verifyBundle(layer, seeded('eval'))
    expect(seen).toEqual(['train', first, 'train', first, 'eval', first, 'eval', first])
  })

  it('has every case compared', () => {
    const both: Record<string, Tensor> = { ...tensors }
    for (const [key, value] of Object.entries(both)) both[key.replace('one/', 'two/')] = value
    both['two/float64/y'] = tensor([2, 4, -9], [3], { dtype: 'float64' })
    const two = parseBundle(
      JSON.stringify({
        ...about,
        cases: [
          { name: 'one', inputs: ['x'] },
          { name: 'two', inputs: ['x'] },
        ],
      }),
      saveSafetensors(both),
    )
    expect(problemsOf(scaleOf(), two).map((line) => line.split(': expected')[0])).toEqual([
      'two, float64: y [2]',
    ])
  })
})

describe('what may come in odd forms', () => {
  it('allows four roundings, four times, where the own error in float32 is infinite', () => {
    const [truth, single] = [tensor([1, 2], [2], { dtype: 'float64' }), tensor([1, Infinity])]
    expect(allowed(truth, single, 'float32')).toBe(16 * 2 ** -24 * 2)
    expect(allowed(truth, single, 'float64')).toBe(16 * 2 ** -53 * 2)
  })
})
