import { formatShape, Tensor, tensor } from '@handgrad/tensor'
import { beforeEach, describe, expect, test } from 'vitest'
import { addGrad } from './gradients.ts'
import { type BackwardOptions, FormulaLayer, Layer } from './layer.ts'
import { ReLU } from './relu/relu.ts'

/** y = w·x with one weight, and a buffer that counts the passes. */
class Scale extends FormulaLayer<number, Tensor> {
  readonly weight: Tensor = tensor([2])
  readonly passes: Tensor = tensor([0])
  readonly asked: boolean[] = []

  protected plan(shape: readonly number[]): number {
    if (shape.at(-1) !== 3)
      throw new RangeError(`Scale: input has shape ${formatShape(shape)}, expected […,3]`)
    return shape.length
  }

  protected compute(x: Tensor): { y: Tensor; saved: Tensor } {
    this.passes.data[0]++
    const y = x.clone()
    for (let i = 0; i < y.data.length; i++) y.data[i] *= this.weight.data[0]
    return { y, saved: x.clone() }
  }

  protected gradients(dy: Tensor, x: Tensor, _rank: number, inputGrad: boolean): Tensor | null {
    this.asked.push(inputGrad)
    addGrad(this.weight, tensor([Array.from(dy.data).reduce((sum, g, i) => sum + g * x.data[i], 0)]))
    const dx = dy.clone()
    for (let i = 0; i < dx.data.length; i++) dx.data[i] *= this.weight.data[0]
    return inputGrad ? dx : null
  }

  override namedParameters(): [string, Tensor][] {
    return [['weight', this.weight]]
  }

  override namedBuffers(): [string, Tensor][] {
    return [['passes', this.passes]]
  }

  outputShape(shape: readonly number[]): number[] {
    return [...shape]
  }

  describe(): string {
    return 'Scale(3)'
  }
}

/** A layer without anything. */
class Bare extends Layer {
  forward(x: Tensor): Tensor {
    return x
  }
  bwd(_options?: BackwardOptions): void {}
  outputShape(shape: readonly number[]): number[] {
    return [...shape]
  }
  describe(): string {
    return 'Bare'
  }
}

let layer: Scale
beforeEach(() => {
  layer = new Scale()
})

describe('a layer', () => {
  test('trains when it is made; train and eval switch, and give the layer back', () => {
    expect(layer.training).toBe(true)
    expect(layer.eval()).toBe(layer)
    expect(layer.training).toBe(false)
    expect(layer.train()).toBe(layer)
    expect(layer.training).toBe(true)
    expect(layer.train(false).training).toBe(false)
    expect(layer.train(true).training).toBe(true)
  })

  test('has nothing that it does not state', () => {
    const bare = new Bare()
    expect(bare.namedParameters()).toEqual([])
    expect(bare.namedBuffers()).toEqual([])
    expect(bare.parameters()).toEqual([])
    expect(Object.keys(bare.stateDict())).toEqual([])
    expect(bare.loadStateDict({})).toBe(bare)
    expect(bare.folds).toBe(null)
    expect(bare.kernelShape([1, 2, 3, 4])).toBe(null)
    expect(bare.kernelWish(1, 2, 3)).toEqual({})
    expect(bare.compile({} as never, {} as never, [])).toBe(null)
    expect(() => bare.zeroGrad()).not.toThrow()
    const x = tensor([1])
    expect(bare.layOut(tensor([2]), x, null)).toBe(x)
    bare.close()
  })

  test('parameters are the tensors themselves; buffers are none of them', () => {
    expect(layer.parameters()).toEqual([layer.weight])
    expect(layer.parameters()[0]).toBe(layer.weight)
    const state = layer.stateDict()
    expect(Object.keys(state)).toEqual(['weight', 'passes'])
    expect(state.weight).toBe(layer.weight)
    expect(state.passes).toBe(layer.passes)
    expect(Object.getPrototypeOf(state)).toBe(null)
  })

  test('zeroGrad sets every parameter’s gradient to null', () => {
    layer.weight.g = tensor([5])
    layer.zeroGrad()
    expect(layer.weight.g).toBe(null)
  })
})

describe('loadStateDict', () => {
  test('copies parameters and buffers, and keeps the tensors', () => {
    const { weight, passes } = layer
    const given = { weight: tensor([7]), passes: tensor([8]) }
    expect(layer.loadStateDict(given)).toBe(layer)
    given.weight.data[0] = -1
    expect([layer.weight.data[0], layer.passes.data[0]]).toEqual([7, 8])
    expect(layer.weight).toBe(weight)
    expect(layer.passes).toBe(passes)
    expect(weight.g).toBe(null)
  })

  test('rounds float64 to what the layer has', () => {
    layer.loadStateDict({ weight: tensor(Float64Array.of(0.1)), passes: tensor([0]) })
    expect(layer.weight.data[0]).toBe(Math.fround(0.1))
  })

  test.each<[string, object, string]>([
    ['nothing', {}, 'missing weight; missing passes'],
    ['a part', { weight: tensor([7]) }, 'missing passes'],
    ['too much', { weight: tensor([7]), passes: tensor([8]), bias: tensor([9]) }, 'unexpected bias'],
    ['another shape', { weight: tensor([7, 7]), passes: tensor([8]) }, 'weight has shape [2], expected [1]'],
    ['another rank', { weight: tensor([[7]]), passes: tensor([8]) }, 'weight has shape [1,1], expected [1]'],
    [
      'integers',
      { weight: tensor([7]), passes: tensor(Int32Array.of(8)) },
      'passes is int32, expected a float tensor',
    ],
    [
      'numbers',
      { weight: [7], passes: tensor([8]) },
      'weight is an array, expected a Tensor; make one with tensor(values, shape)',
    ],
    ['null', { weight: null, passes: tensor([8]) }, 'weight is null, expected a Tensor'],
    [
      'much at once',
      { weight: tensor([7, 7]), bias: tensor([9]) },
      'missing passes; weight has shape [2], expected [1]; unexpected bias',
    ],
    [
      'names of every object',
      Object.create({ weight: tensor([7]), passes: tensor([8]) }) as object,
      'missing weight; missing passes',
    ],
    [
      'a name that is a prototype’s',
      { weight: tensor([7]), passes: tensor([8]), toString: tensor([9]) },
      'unexpected toString',
    ],
  ])('of %s is refused, and nothing has changed', (_, record, wrong) => {
    expect(() => layer.loadStateDict(record as Record<string, Tensor>)).toThrow(
      new Error(`Scale(3).loadStateDict: ${wrong}`),
    )
    expect([layer.weight.data[0], layer.passes.data[0]]).toEqual([2, 0])
  })
})

describe('forward and bwd', () => {
  const x = (): Tensor => tensor([1, 2, 3])

  test('one pass by hand', () => {
    const input = x()
    const y = layer.forward(input)
    expect([...y.data]).toEqual([2, 4, 6])
    y.g = tensor([1, 10, 100])
    layer.bwd()
    expect([...input.g!.data]).toEqual([2, 20, 200])
    expect([...layer.weight.g!.data]).toEqual([1 + 20 + 300])
    layer.bwd()
    expect([...input.g!.data], 'written, not added to').toEqual([2, 20, 200])
    expect([...layer.weight.g!.data], 'added once more').toEqual([2 * 321])
    expect(layer.passes.data[0], 'what forward kept is enough').toBe(1)
  })

  test('without the input’s gradient, that is not asked for and stays what it was', () => {
    const input = x()
    const before = tensor([0, 0, 0])
    input.g = before
    layer.forward(input).g = tensor([1, 10, 100])
    // The output is only held by the layer.
    layer.bwd({ inputGrad: false })
    expect(layer.asked).toEqual([false])
    expect(input.g).toBe(before)
    expect([...layer.weight.g!.data]).toEqual([321])
    layer.bwd({})
    layer.bwd({ inputGrad: true })
    expect(layer.asked).toEqual([false, true, true])
    expect(input.g).not.toBe(before)
  })

  test.each<[unknown, string]>([
    [[1, 2, 3], 'Scale(3): input is an array, expected a Tensor; make one with tensor(values, shape)'],
    ['x', "Scale(3): input is 'x', expected a Tensor"],
    [undefined, 'Scale(3): input is undefined, expected a Tensor'],
    [tensor(Float64Array.of(1, 2, 3)), 'Scale(3): input is float64, expected float32'],
    [tensor(Int32Array.of(1, 2, 3)), 'Scale(3): input is int32, expected float32'],
  ])('forward refuses %s', (input, message) => {
    expect(() => layer.forward(input as Tensor)).toThrow(new TypeError(message))
    expect(layer.passes.data[0]).toBe(0)
  })

  test('a layer without parameters takes both kinds of floats, and no integers', () => {
    for (const dtype of ['float32', 'float64'] as const)
      expect(new ReLU().forward(tensor([-1, 2], [2], { dtype })).dtype).toBe(dtype)
    expect(() => new ReLU().forward(tensor(Int32Array.of(1)) as never)).toThrow(
      new TypeError('ReLU(): input is int32, expected float32 or float64'),
    )
  })

  test('a forward that is refused leaves the pass before', () => {
    const input = x()
    layer.forward(input).g = tensor([1, 1, 1])
    expect(() => layer.forward(tensor([1, 2]))).toThrow('Scale: input has shape [2], expected […,3]')
    layer.bwd()
    expect([...input.g!.data]).toEqual([2, 2, 2])
  })

  test.each<[string, Tensor<any> | null, string]>([
    ['none', null, "Scale(3).bwd(): the output's .g is null; set it to dL/dy first"],
    [
      'another shape',
      tensor([[1, 2, 3]]),
      "Scale(3).bwd(): the output's .g is float32 [1,3], expected float32 [3]",
    ],
    [
      'another type',
      tensor(Float64Array.of(1, 2, 3)),
      "Scale(3).bwd(): the output's .g is float64 [3], expected float32 [3]",
    ],
    [
      'a list',
      [1, 2, 3] as never,
      "Scale(3).bwd(): the output's .g is an array, expected a Tensor; make one with tensor(values, shape)",
    ],
    ['a number', 3 as never, "Scale(3).bwd(): the output's .g is 3, expected a Tensor"],
  ])('bwd with a gradient of %s is refused, and nothing has changed', (_, g, message) => {
    const input = x()
    layer.forward(input).g = g
    expect(() => layer.bwd()).toThrow(message)
    expect([input.g, layer.weight.g]).toEqual([null, null])
  })

  test('close ends the last pass: with kernels and without', () => {
    for (const own of [layer, new ReLU()]) {
      const y = own.forward(tensor([[1, 2, 3]]))
      y.g = y.clone()
      own.bwd()
      own.close()
      expect(() => own.bwd()).toThrow('call forward first')
    }
  })

  test('bwd before forward is refused', () => {
    expect(() => layer.bwd()).toThrow(new Error('Scale(3).bwd(): call forward first'))
  })
})

test('addGrad: the first gradient in the parameter’s shape, the next ones onto it', () => {
  const parameter = tensor([
    [0, 0],
    [0, 0],
  ])
  addGrad(parameter, tensor([1, 2, 3, 4]))
  expect(parameter.g!.toArray()).toEqual([
    [1, 2],
    [3, 4],
  ])
  const { g } = parameter
  addGrad(parameter, tensor([10, 20, 30, 40]))
  expect(parameter.g).toBe(g)
  expect(g!.toArray()).toEqual([
    [11, 22],
    [33, 44],
  ])
  expect(parameter.toArray()).toEqual([
    [0, 0],
    [0, 0],
  ])
  expect(g).toBeInstanceOf(Tensor)
})
