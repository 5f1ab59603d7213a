import {
  type BackendName,
  backends,
  Generator,
  manualSeed,
  randn,
  type Tensor,
  tensor,
  useBackend,
  withThreads,
} from '@handgrad/tensor'
import { afterEach, describe, expect, test } from 'vitest'
import {
  Conv1d,
  type Conv1dOptions,
  Conv2d,
  Dropout,
  describeProgram,
  Flatten,
  kernelPlan,
  type Layer,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from '../index.ts'
import { Leaky, Skip } from '../test/containers.ts'

const fast = backends().at(-1) as BackendName
const onKernels = backends().filter((name) => name !== 'reference')
afterEach(() => useBackend(fast))

const wide = ({ data, shape }: Tensor): Tensor => tensor(Float64Array.from(data), shape)

/** One pass there and back, for an upstream gradient that is the same in both precisions. */
function pass(net: Layer, x: Tensor) {
  const input = x.clone()
  const y = net.forward(input)
  const dy = randn(y.shape, { generator: new Generator(3) })
  y.g = y.dtype === 'float64' ? wide(dy) : dy
  net.zeroGrad()
  net.bwd()
  return {
    y: [...y.data],
    dx: [...input.g!.data],
    gradients: Object.fromEntries(net.namedParameters().map(([name, { g }]) => [name, [...g!.data]])),
  }
}

const close = (values: readonly number[]): unknown[] => values.map((value) => expect.closeTo(value, 4))

/** What float64 makes of the same weights and lines: equal to a few roundings. */
function roughly({ y, dx, gradients }: ReturnType<typeof pass>) {
  const own = Object.entries(gradients).map(([name, values]) => [name, close(values)])
  return { y: close(y), dx: close(dx), gradients: Object.fromEntries(own) }
}

const pair = (options: Conv1dOptions): object => {
  const { stride = 1, padding = 0, dilation = 1, ...rest } = options
  const around = typeof padding === 'string' ? padding : [0, padding]
  return { ...rest, stride: [1, stride], padding: around, dilation: [1, dilation] }
}

describe('a line is an image of one row', () => {
  const cases: Conv1dOptions[] = [
    {},
    { padding: 2 },
    { padding: 'same' },
    { stride: 2, padding: 1 },
    { dilation: 2, bias: false },
    { groups: 2, padding: 3 },
  ]

  test.each(cases)('%j: the bits of Conv2d, on every backend', (options) => {
    for (const backend of backends()) {
      useBackend(backend)
      manualSeed(5)
      const lines = new Conv1d(4, 6, 4, options)
      manualSeed(5)
      const images = new Conv2d(4, 6, [1, 4], pair(options))
      // The same numbers are drawn: a window has as many cells.
      expect(lines.weight.data).toEqual(images.weight.data)
      expect(lines.bias?.data).toEqual(images.bias?.data)
      expect(lines.weight.shape).toEqual([6, options.groups === 2 ? 2 : 4, 4])
      const x = randn([11, 4, 13])
      expect(pass(lines, x)).toEqual(pass(images, x.reshape([11, 4, 1, 13])))
      const alone = randn([4, 13])
      expect(pass(lines, alone)).toEqual(pass(images, alone.reshape([4, 1, 13])))
    }
  })

  test('its shapes and names are its own', () => {
    const conv = new Conv1d(2, 3, [4], { stride: [2], padding: [1], dilation: [2] })
    expect(conv).toMatchObject({ kernelSize: 4, stride: 2, padding: 1, dilation: 2, groups: 1 })
    expect(conv.outputShape([5, 2, 11])).toEqual([5, 3, 4])
    expect(conv.outputShape([2, 11])).toEqual([3, 4])
    expect(conv.forward(randn([2, 11])).shape).toEqual([3, 4])
    expect(String(conv)).toBe('Conv1d(2→3, 4): weight [3,2,4], bias [3]; 27 parameters')
    expect(Object.keys(new Conv1d(1, 1, 1, { bias: false }).stateDict())).toEqual(['weight'])
    expect(() => conv.outputShape([2, 11], 'float64')).toThrow('Conv1d(2→3, 4): input is float64')
  })
})

function network(): Sequential {
  manualSeed(2)
  return new Sequential(
    new Conv1d(3, 5, 3, { padding: 1 }),
    new ReLU(),
    new Dropout(0.25),
    new Conv1d(5, 8, 4, { stride: 2, groups: 1 }),
    new Sequential(new ReLU(), new Conv1d(8, 4, 3, { padding: 'same' })),
    new Flatten(),
    new Linear(16, 3),
  )
}

/** The same layers in float64, with the same weights. */
function widened(net: Sequential): Sequential {
  const double = new Sequential(
    new Conv1d(3, 5, 3, { padding: 1, dtype: 'float64' }),
    new ReLU(),
    new Dropout(0.25),
    new Conv1d(5, 8, 4, { stride: 2, dtype: 'float64' }),
    new Sequential(new ReLU(), new Conv1d(8, 4, 3, { padding: 'same', dtype: 'float64' })),
    new Flatten(),
    new Linear(16, 3, { dtype: 'float64' }),
  )
  for (const [i, parameter] of double.parameters().entries()) parameter.data.set(net.parameters()[i].data)
  return double
}

const LINES = [17, 3, 10]
const lines = (): Tensor => randn(LINES, { generator: new Generator(9) })

describe('a network of lines', () => {
  test('is one program, whose kernels are those of Conv2d', () => {
    const net = network()
    const layers = net.flat().map((layer) => layer.describe())
    const kernels = [
      'direct 1×3',
      'lanes',
      'lanes',
      'columns',
      'lanes',
      'direct 1×3',
      'nothing to do',
      'dot products',
    ]
    expect(kernelPlan(net, LINES)).toEqual(layers.map((layer, i) => ({ layer, kernel: kernels[i] })))
    const { parts } = describeProgram(net, LINES)
    expect(parts).toHaveLength(1)
    expect(parts[0]).toMatchObject({ inputShape: LINES, outputShape: [17, 3] })
    expect(parts[0].layers.map(({ kernel }) => kernel)).toEqual(kernels)
    expect(parts[0].programs).toHaveLength(1)
    useBackend('reference')
    expect(kernelPlan(net, LINES).map(({ kernel }) => kernel)).toEqual(layers.map(() => 'reference'))
  })

  test.each(onKernels)(
    '%s comes to the numbers of float64, and to the same bits on 1, 2, 3 and 8 threads',
    (backend) => {
      useBackend(backend)
      const x = lines()
      const double = widened(network())
      manualSeed(4)
      const right = roughly(pass(double, wide(x)))
      const bits = [1, 2, 3, 8].map((threads) =>
        withThreads(threads, () => {
          const net = network()
          manualSeed(4)
          const came = pass(net, x)
          net.close()
          return came
        }),
      )
      expect(bits[0]).toEqual(right)
      for (const came of bits) expect(came).toEqual(bits[0])
    },
  )
})

describe('between two programs', () => {
  const conv = (): Conv1d => new Conv1d(3, 5, 3, { padding: 1 })

  /** The kernels of some layers, which come to what `reference` makes of them. */
  function kernelsOf(make: () => Layer[], shape: readonly number[]): string[] {
    const passes = [fast, 'reference' as const].map((backend) => {
      useBackend(backend)
      manualSeed(6)
      return pass(new Sequential(...make()), randn(shape))
    })
    expect(passes[0]).toEqual(roughly(passes[1]))
    useBackend(fast)
    return kernelPlan(new Sequential(...make()), shape).map(({ kernel }) => kernel)
  }

  test.each<[string, () => Layer, string]>([
    ['a pooling', () => new MaxPool2d(2), 'on its own'],
    ['a convolution', () => new Conv2d(4, 2, 3), 'on its own'],
    [
      'a convolution that is larger than a line',
      () => new Conv2d(4, 2, [4, 5], { padding: 1 }),
      'on its own',
    ],
    ['a linear layer', () => new Linear(7, 2), 'on its own'],
    ['a layer of one’s own', () => new Leaky(), 'reference'],
    ['Flatten of other axes', () => new Flatten({ startDim: 0, endDim: 1 }), 'reference'],
  ])('%s behind it reads its batch of lines in its own way', (_, make, kernel) => {
    expect(kernelsOf(() => [conv(), make()], [4, 3, 7])).toEqual(['direct 1×3', kernel])
    expect(kernelsOf(() => [conv(), new ReLU(), make()], [4, 3, 7])).toEqual(['direct 1×3', 'lanes', kernel])
  })

  test('Flatten to the last axis of lines is nothing to do', () => {
    for (const flatten of [() => new Flatten(), () => new Flatten({ startDim: 1, endDim: 2 })])
      expect(kernelsOf(() => [conv(), flatten(), new Linear(35, 2)], [4, 3, 7])).toEqual([
        'direct 1×3',
        'nothing to do',
        'dot products',
      ])
  })

  test('what reads every batch alike before it belongs to its program', () => {
    const plan = kernelsOf(
      () => [new ReLU(), new Sequential(new ReLU(), conv()), new Skip(new ReLU())],
      [4, 3, 7],
    )
    expect(plan).toEqual(['lanes', 'lanes', 'direct 1×3', 'on its own'])
  })

  test('one line without its batch axis runs layer by layer', () => {
    expect(kernelsOf(() => [conv(), new ReLU(), new Linear(7, 2)], [3, 7])).toEqual([
      'direct 1×3',
      'lanes',
      'dot products',
    ])
    expect(kernelsOf(() => [new ReLU(), conv()], [3, 7])).toEqual(['lanes', 'direct 1×3'])
    const { parts } = describeProgram(new Sequential(new ReLU(), conv()), [3, 7])
    expect(parts.map(({ inputShape, outputShape }) => [inputShape, outputShape])).toEqual([
      [
        [3, 7],
        [3, 7],
      ],
      [
        [3, 7],
        [5, 7],
      ],
    ])
  })

  test('a batch of nothing', () => {
    const net = new Sequential(conv(), new ReLU())
    const y = net.forward(randn([0, 3, 7]))
    expect(y.shape).toEqual([0, 5, 7])
    expect(kernelPlan(net, [0, 3, 7]).map(({ kernel }) => kernel)).not.toContain('lanes')
  })
})

describe('an input that lacks an axis', () => {
  const net = (): Sequential => new Sequential(new Conv1d(1, 2, 3), new Flatten(), new Linear(10, 3))

  test.each([
    [[7], 'lacks its batch and channel axes; reshape it to [1,1,7]'],
    [[1, 7], 'lacks its batch axis; reshape it to [1,1,7]'],
    [[5, 7], 'lacks its channel axis; reshape it to [5,1,7]'],
  ])('%j', (shape, message) => {
    expect(() => net().outputShape(shape)).toThrow(`Conv1d(1→2, 3): input [${shape.join()}] ${message} (`)
  })
})
