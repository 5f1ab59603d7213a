import { full, saveSafetensors, type Tensor, tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import type { Checkable } from '../spec.ts'
import { BundleError, parseBundle } from './bundle.ts'
import { verifyBundle } from './verify.ts'

/** y = w · x for one number w: dx = w · dy, dw = Σ x · dy. */
class Scale implements Checkable {
  readonly weight: Tensor = full([], 1)
  #pass: { x: Tensor; y: Tensor } | null = null

  forward(x: Tensor): Tensor {
    const y = tensor(
      Array.from(x.data, (value) => this.weight.data[0] * value),
      x.shape,
    )
    this.#pass = { x, y }
    return y
  }

  bwd(): void {
    const { x, y } = this.#pass!
    const dy = Array.from(y.g!.data)
    x.g = tensor(dy.map((value) => value * this.weight.data[0]))
    this.weight.g = tensor(dy.reduce((sum, value, i) => sum + value * x.data[i], 0))
  }

  namedParameters(): [string, Tensor][] {
    return [['weight', this.weight]]
  }
}

const results = { y: tensor([2, 4, -6]), dx: tensor([1, -4, 0.5]), dweight: tensor(-4.25) }
const inDouble = Object.entries(results).map(([name, { data, shape }]) => [
  `one/float64/${name}`,
  tensor(data, shape, { dtype: 'float64' }),
])
const tensors = {
  'one/x': tensor([1, 2, -3]),
  'one/param.weight': tensor(2),
  'one/dy': tensor([0.5, -2, 0.25]),
  ...Object.fromEntries(Object.entries(results).map(([name, value]) => [`one/float32/${name}`, value])),
  ...Object.fromEntries(inDouble),
}
const about = { format: 1, module: 'Scale', cases: [{ name: 'one', inputs: ['x'] }] }
const bundle = parseBundle(JSON.stringify(about), saveSafetensors(tensors))

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

describe('parseBundle', () => {
  it.each([
    ['no JSON', '{', /^bundle\.json: /],
    ['another format', { ...about, format: 2 }, 'bundle.json: format is 2, expected 1'],
    ['no cases', { ...about, cases: [] }, 'bundle.json: there are no cases'],
    [
      'a tensor missing',
      { ...about, cases: [{ name: 'two', inputs: ['x'] }] },
      "tensors.safetensors: there is no 'two/x'",
    ],
  ])('refuses %s', (_, json, message) => {
    const text = typeof json === 'string' ? json : JSON.stringify(json)
    const parse = (): unknown => parseBundle(text, saveSafetensors(tensors))
    expect(parse).toThrow(BundleError)
    expect(parse).toThrow(message)
  })
})
