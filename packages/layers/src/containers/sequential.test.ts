import { manualSeed, rand, Tensor, tensor, useBackend } from '@handgrad/tensor'
import { afterEach, describe, expect, test } from 'vitest'
import { Conv2d } from '../conv2d/conv2d.ts'
import { Dropout } from '../dropout/dropout.ts'
import { Flatten } from '../flatten/flatten.ts'
import { type BackwardOptions, Layer } from '../layer.ts'
import { Linear } from '../linear/linear.ts'
import { ReLU } from '../relu/relu.ts'
import { Sequential } from './sequential.ts'

afterEach(() => useBackend('simd'))

/** y = factor·x; writes down who was called how. */
class Step extends Layer {
  readonly name: string
  readonly factor: number
  readonly log: string[]
  readonly weight: Tensor = tensor([1])
  #pass: { x: Tensor; y: Tensor } | null = null

  constructor(name: string, factor: number, log: string[]) {
    super()
    this.name = name
    this.factor = factor
    this.log = log
  }

  forward(x: Tensor): Tensor {
    this.log.push(`forward ${this.name}`)
    const y = tensor(x.data.map((value: number) => value * this.factor) as Float32Array) as Tensor
    this.#pass = { x, y }
    return y
  }

  bwd({ inputGrad = true }: BackwardOptions = {}): void {
    this.log.push(`bwd ${this.name}${inputGrad ? '' : ' without dx'}`)
    const { x, y } = this.#pass!
    if (inputGrad) x.g = tensor(y.g!.data.map((value: number) => value * this.factor) as Float32Array)
  }

  override namedParameters(): [string, Tensor][] {
    return [['weight', this.weight]]
  }

  override namedBuffers(): [string, Tensor][] {
    return [[`seen`, tensor([this.factor])]]
  }

  outputShape(shape: readonly number[], dtype?: string): number[] {
    this.log.push(`shape ${this.name} ${shape.join('×')} ${dtype}`)
    if (shape[0] > 5) throw new RangeError(`${this.name}: too long`)
    return shape.map((extent) => extent + 1)
  }

  describe(): string {
    return `Step(${this.name})`
  }
}

function nested() {
  const log: string[] = []
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name, i) => new Step(name, [2, 3, 5, 7][i], log))
  return { log, a, b, c, d, net: new Sequential(new Sequential(a, b), c, new Sequential(new Sequential(d))) }
}

describe('a Sequential of Sequentials', () => {
  test('goes through all layers in order, after all have looked at the shapes', () => {
    const { net, log } = nested()
    const y = net.forward(tensor([1, -1]))
    expect([...y.data]).toEqual([210, -210])
    expect(log.slice(0, 4)).toEqual(
      ['shape a 2 float32', 'shape b 3 float32', 'shape c 4 float32', 'shape d 5 float32'].map(
        (line) => line,
      ),
    )
  })

  test('goes back in reverse, and leaves out the first dx alone', () => {
    const { net, log } = nested()
    const x = tensor([1, -1])
    const y = net.forward(x)
    y.g = tensor([1, 10])
    log.length = 0
    net.backward()
    expect(log).toEqual(['bwd d', 'bwd c', 'bwd b', 'bwd a'])
    expect([...x.g!.data]).toEqual([210, 2100])
    x.g = null
    log.length = 0
    net.backward({ inputGrad: false })
    expect(log).toEqual(['bwd d', 'bwd c', 'bwd b', 'bwd a without dx'])
    expect(x.g).toBe(null)
    log.length = 0
    net.bwd({ inputGrad: false })
    expect(log).toEqual(['bwd d', 'bwd c', 'bwd b', 'bwd a without dx'])
    net.bwd()
    expect(log.slice(4)).toEqual(['bwd d', 'bwd c', 'bwd b', 'bwd a'])
  })

  test('names and numbers parameters and buffers as torch does', () => {
    const { net, a, d } = nested()
    expect(net.namedParameters().map(([name]) => name)).toEqual([
      '0.0.weight',
      '0.1.weight',
      '1.weight',
      '2.0.0.weight',
    ])
    expect(net.namedBuffers().map(([name, { data }]) => [name, data[0]])).toEqual([
      ['0.0.seen', 2],
      ['0.1.seen', 3],
      ['1.seen', 5],
      ['2.0.0.seen', 7],
    ])
    expect(net.parameters()[0]).toBe(a.weight)
    expect(net.parameters()[3]).toBe(d.weight)
    expect(Object.keys(net.stateDict())).toHaveLength(8)
    d.weight.g = tensor([1])
    net.zeroGrad()
    expect(d.weight.g).toBe(null)
  })

  test('train and eval reach every layer', () => {
    const { net, a, b, c, d } = nested()
    const modes = (): boolean[] => [net, net.layers[0], a, b, c, d].map(({ training }) => training)
    expect(net.eval()).toBe(net)
    expect(modes()).toEqual([false, false, false, false, false, false])
    expect(net.train()).toBe(net)
    expect(modes()).toEqual([true, true, true, true, true, true])
    net.train(false)
    expect(modes()).toEqual([false, false, false, false, false, false])
  })

  test('is flat for who asks, and as it was made otherwise', () => {
    const { net, a, b, c, d } = nested()
    expect(net.flat()).toEqual([a, b, c, d])
    expect(net.layers).toHaveLength(3)
    expect(net.describe()).toBe('Sequential(3 layers)')
  })

  test('gives the shape of its last layer, with the type for each', () => {
    const { net, log } = nested()
    expect(net.outputShape([1], 'float64')).toEqual([5])
    expect(log).toEqual(['shape a 1 float64', 'shape b 2 float64', 'shape c 3 float64', 'shape d 4 float64'])
  })

  test('a shape that a later layer refuses is refused before the first one runs', () => {
    const { net, log } = nested()
    expect(() => net.forward(tensor([1, 2, 3]))).toThrow('d: too long')
    expect(log.filter((line) => line.startsWith('forward'))).toEqual([])
  })
})

test('without layers nothing happens', () => {
  const net = new Sequential()
  const x = tensor([1, 2])
  expect(net.forward(x)).toBe(x)
  expect(() => net.backward()).not.toThrow()
  expect(net.parameters()).toEqual([])
  expect(net.outputShape([2])).toEqual([2])
  expect(net.describe()).toBe('Sequential(0 layers)')
  expect(net.kernelWish(1, 2, 2)).toEqual({})
})

test('kernels read its input as its first layer wants it, however deep that is', () => {
  const conv = new Conv2d(2, 4, 3)
  const net = new Sequential(new Sequential(conv), new ReLU())
  expect(net.kernelWish(2, 6, 7)).toEqual(conv.kernelWish(2, 6, 7))
})

describe('what is refused', () => {
  test('something that is no layer', () => {
    const attempt = (odd: unknown) => () => new Sequential(new ReLU(), odd as Layer)
    expect(attempt({})).toThrow(new TypeError('Sequential: argument 1 is an object, expected a layer'))
    expect(attempt(undefined)).toThrow(new TypeError('Sequential: argument 1 is undefined, expected a layer'))
    expect(attempt(ReLU)).toThrow(
      new TypeError('Sequential: argument 1 is the function ReLU, expected a layer'),
    )
  })

  test('one instance in two places', () => {
    const linear = new Linear(3, 3)
    const message = 'Sequential: the same Linear(3→3) instance occurs twice; make a layer for each place'
    expect(() => new Sequential(linear, new ReLU(), linear)).toThrow(new Error(message))
    expect(() => new Sequential(new Sequential(linear), linear)).toThrow(new Error(message))
    expect(() => new Sequential(new Sequential(linear), new Sequential(new Sequential(linear)))).toThrow(
      message,
    )
    expect(() => new Sequential(new Linear(3, 3), new Linear(3, 3))).not.toThrow()
  })

  test('backward before forward, and without a gradient', () => {
    const net = new Sequential(new Flatten(), new Linear(4, 2))
    expect(() => net.backward()).toThrow('Linear(4→2).bwd(): call forward first')
    net.forward(rand([3, 4]))
    expect(() => net.backward()).toThrow("Linear(4→2).bwd(): the output's .g is null; set it to dL/dy first")
  })

  test('another type than its parameters’, before anything has changed', () => {
    const net = new Sequential(new Dropout(0.5), new Linear(4, 2))
    const x = rand([3, 4], { dtype: 'float64' })
    expect(() => net.forward(x)).toThrow(new TypeError('Linear(4→2): input is float64, expected float32'))
    expect(() => net.layers[0].bwd()).toThrow('call forward first')
  })
})

test.each(['reference', 'simd-plain', 'simd'] as const)(
  '%s: weights saved from one network make another the same',
  (backend) => {
    useBackend(backend)
    const make = () =>
      new Sequential(new Sequential(new Conv2d(1, 3, 3), new ReLU()), new Flatten(), new Linear(12, 2))
    manualSeed(1)
    const net = make()
    const other = make()
    const x = rand([2, 1, 4, 4])
    expect([...other.forward(x).data]).not.toEqual([...net.forward(x).data])
    expect(other.loadStateDict(net.stateDict())).toBe(other)
    expect([...other.forward(x).data]).toEqual([...net.forward(x).data])
    for (const { data } of net.parameters()) data.fill(0)
    expect([...other.forward(x).data]).not.toEqual([...net.forward(x).data])
    const { '2.bias': _, ...short } = net.stateDict()
    expect(() => other.loadStateDict(short)).toThrow('Sequential(3 layers).loadStateDict: missing 2.bias')
    expect(other.parameters()[0].data.some((value) => value !== 0)).toBe(true)
  },
)

test('two forward passes give two results, and the way back is of the last', () => {
  const net = new Sequential(new Linear(2, 2, { bias: false }))
  net.loadStateDict({
    '0.weight': tensor([
      [1, 0],
      [0, 2],
    ]),
  })
  const [x1, x2] = [tensor([[1, 1]]), tensor([[3, 5]])]
  const [y1, y2] = [net.forward(x1), net.forward(x2)]
  expect([...y1.data, ...y2.data]).toEqual([1, 2, 3, 10])
  y1.g = tensor([[100, 100]])
  y2.g = tensor([[1, 1]])
  net.backward()
  expect(x1.g).toBe(null)
  expect([...x2.g!.data]).toEqual([1, 2])
  expect(net.parameters()[0].g!.toArray()).toEqual([
    [3, 5],
    [3, 5],
  ])
  expect(y1).toBeInstanceOf(Tensor)
})

test('outputShape() refuses what is no shape by itself, whatever its layers take', () => {
  const net = new Sequential(new Dropout(0.5))
  expect(() => net.outputShape(5 as never)).toThrow(
    'outputShape(): shape is 5, expected a list such as [2, 3]',
  )
  expect(() => net.outputShape([2, 1.5])).toThrow('shape [2,1.5] has an extent that is not a whole number')
})
