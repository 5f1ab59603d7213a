import { Generator, ones, tensor, zeros } from '@handgrad/tensor'
import { describe, expect, test, vi } from 'vitest'
import {
  Conv1d,
  Conv2d,
  Dropout,
  Flatten,
  type Layer,
  Linear,
  lenet5,
  MaxPool2d,
  mlp,
  ReLU,
  Sequential,
  seed,
  wide,
} from './index.ts'
import * as specs from './specs.ts'
import { Skip } from './test/containers.ts'

// biome-ignore lint/suspicious/noExplicitAny: what TypeScript would refuse
type Maker = new (...args: any[]) => Layer
const refusal = (layer: Maker, args: unknown[]): string => {
  try {
    return `accepted: ${new layer(...args).describe()}`
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`
  }
}
const object = 'expected an object of options, as'

test.each<[Maker, unknown[], string]>([
  [Conv1d, [1, 8, 3, 2, 1], `Conv1d: argument 4 is 2, ${object} { stride: 2, padding: 1 }`],
  [Conv1d, [1, 8, 3, { kernel_size: 3 }], 'Conv1d: there is no option kernel_size (options: stride, padding, dilation, groups, bias, dtype, generator)'],
  [Conv1d, [1, 8, 3, { paddingMode: 'zeros' }], 'Conv1d: there is no option paddingMode, did you mean padding? (options: stride, padding, dilation, groups, bias, dtype, generator)'],
  [Conv1d, [1, 8, 3, { dtype: 'int32' }], "Conv1d: dtype is 'int32', expected 'float32' or 'float64'"],
  [Conv1d, [1, 8, 3, { generator: 5 }], 'Conv1d: generator is 5, expected a Generator'],
  [Conv1d, [1, 8, 3, { padding: null }], 'Conv1d: padding is null, expected a whole number ≥ 0'],
  [Conv1d, [1, 8, { padding: 1 }], 'Conv1d: kernelSize is an object, expected a whole number ≥ 1'],
  [Conv1d, [1, 8, 3, { dilation: [2, 1] }], 'Conv1d: dilation is 2,1, expected a number'],
  [Conv2d, [1, 8, 3, 2, 1], `Conv2d: argument 4 is 2, ${object} { stride: 2, padding: 1 }`],
  [Conv2d, [1, 8, 3, [2, 1], 'same', 1, 1, false], `Conv2d: argument 4 is an array, ${object} { stride: [2, 1], padding: 'same', dilation: 1, groups: 1, bias: false }`],
  [Conv2d, [1, 8, 3, {}, 1], 'Conv2d: argument 5 is 1, expected nothing behind the options'],
  [Conv2d, [1, 8, 3, { kernel_size: 3 }], 'Conv2d: there is no option kernel_size (options: stride, padding, dilation, groups, bias, dtype, generator)'],
  [Conv2d, [1, 8, 3, { pad: 1 }], 'Conv2d: there is no option pad, did you mean padding? (options: stride, padding, dilation, groups, bias, dtype, generator)'],
  [Conv2d, [1, 8, 3, { dtype: 'int32' }], "Conv2d: dtype is 'int32', expected 'float32' or 'float64'"],
  [Conv2d, [1, 8, 3, { generator: 5 }], 'Conv2d: generator is 5, expected a Generator'],
  [Conv2d, [1, 8, 3, { padding: null }], 'Conv2d: padding is null, expected a number or a pair of numbers'],
  [Conv2d, [1, 8, { padding: 1 }], 'Conv2d: kernelSize is an object, expected a number or a pair of numbers'],
  [Conv2d, ['1', 8, 3], "Conv2d: inChannels is '1', expected a whole number ≥ 1"],
  [Conv2d, [1, 0, 3], 'Conv2d: outChannels is 0, expected a whole number ≥ 1'],
  [Conv2d, [2, 4, 3, { groups: 0 }], 'Conv2d: groups is 0, expected a whole number ≥ 1'],
  [Conv2d, [2, 4, 0], 'Conv2d: kernelSize is 0, expected a whole number ≥ 1'],
  [Conv2d, [2, 4, 3, { stride: 0 }], 'Conv2d: stride is 0, expected a whole number ≥ 1'],
  [Conv2d, [2, 4, 3, { padding: -1 }], 'Conv2d: padding is -1, expected a whole number ≥ 0'],
  [Conv2d, [2, 4, 3, { dilation: [1, 0] }], 'Conv2d: dilation is 0, expected a whole number ≥ 1'],
  [Linear, [5, 4, false], `Linear: argument 3 is false, ${object} { bias: false }`],
  [Linear, [5, 4, { biass: false }], 'Linear: there is no option biass, did you mean bias? (options: bias, dtype, generator)'],
  [Linear, [5, 4, { dtype: 'float16' }], "Linear: dtype is 'float16', expected 'float32' or 'float64'"],
  [MaxPool2d, [2, 2], `MaxPool2d: argument 2 is 2, ${object} { stride: 2 }`],
  [MaxPool2d, [2, { ceil_mode: true }], 'MaxPool2d: there is no option ceil_mode, did you mean ceilMode? (options: stride, padding, dilation, ceilMode)'],
  [MaxPool2d, [2, { return_indices: true }], 'MaxPool2d: there is no option return_indices (options: stride, padding, dilation, ceilMode)'],
  [Flatten, [1], `Flatten: argument 1 is 1, ${object} { startDim: 1 }`],
  [Flatten, [0, -1], `Flatten: argument 1 is 0, ${object} { startDim: 0, endDim: -1 }`],
  [Flatten, [{ start_dim: 1 }], 'Flatten: there is no option start_dim, did you mean startDim? (options: startDim, endDim)'],
  [ReLU, [true], 'ReLU: argument 1 is true, expected no option'],
  [ReLU, [{ inplace: true }], 'ReLU: there is no option inplace (it takes none)'],
  [Dropout, [0.5, true], `Dropout: argument 2 is true, ${object} { generator: true }`],
  [Dropout, [0.5, new Generator(1)], `Dropout: argument 2 is a Generator, ${object} { generator: … }`],
  [Dropout, [0.5, { inplace: true }], 'Dropout: there is no option inplace (options: generator)'],
  [Dropout, [{ p: 0.5 }], 'Dropout: p is an object, expected a probability between 0 and 1'],
  [Dropout, [-0.5], 'Dropout: p is -0.5, expected a probability between 0 and 1'],
  [Dropout, [1.5], 'Dropout: p is 1.5, expected a probability between 0 and 1'],
  [Dropout, [Number.NaN], 'Dropout: p is NaN, expected a probability between 0 and 1'],
  [Dropout, ['0.5'], "Dropout: p is '0.5', expected a probability between 0 and 1"],
  [Sequential, [5], 'Sequential: argument 0 is 5, expected a layer'],
  [Sequential, [[new ReLU()]], 'Sequential: argument 0 is an array, expected a layer; give them one by one, as Sequential(...layers)'],
])('%o(%o)', (layer, args, message) => {
  expect(refusal(layer, args).replace(/^(Type|Range)Error: /, '')).toBe(message)
}) // biome-ignore format: one line a case

test.each(Object.values(specs).map((spec) => [spec.name, spec] as const))(
  '%s refuses what is no option of its own',
  (name, spec) => {
    const { args = [] } = spec.cases[0]
    expect(() => spec.create([...args], { nonsense: 1 })).toThrow(`${name}: there is no option nonsense (`)
  },
)

test('a network of models/ refuses them too', () => {
  for (const model of [lenet5, mlp, seed, wide]) {
    expect(() => model({ dytpe: 'float64' } as never)).toThrow(
      'there is no option dytpe, did you mean dtype?',
    )
  }
})

test('an empty object, undefined and every option are taken', () => {
  const generator = new Generator(1)
  const layers = [
    new Conv2d(2, 4, 3, {
      stride: 1,
      padding: 1,
      dilation: 1,
      groups: 2,
      bias: false,
      dtype: 'float64',
      generator,
    }),
    new ReLU({}),
    new MaxPool2d(2, { stride: 1, padding: 0, dilation: 1, ceilMode: true }),
    new Dropout(0.5, { generator }),
    new Flatten({ startDim: 1, endDim: -1 }),
    new Linear(4, 3, { bias: true, dtype: 'float64', generator }),
  ]
  const x = zeros([1, 2, 2, 3], { dtype: 'float64' })
  expect(new Sequential(layers[0], layers[1], layers[2], layers[3]).outputShape(x.shape, 'float64')).toEqual([
    1, 4, 1, 2,
  ])
  expect(new Linear(4, 3, undefined).bias).not.toBe(null)
})

test('no bias is falsy, as in torch', () => {
  const none = { bias: null } as never
  for (const layer of [new Linear(4, 3, none), new Conv1d(1, 8, 3, none), new Conv2d(1, 8, 3, none)])
    expect(layer.bias).toBe(null)
})

test('a way back refuses options that do not exist, and goes on with right ones', () => {
  const linear = new Linear(4, 2)
  const net = new Sequential(new Flatten(), linear)
  const skip = new Skip(new ReLU())
  for (const [layer, back] of [
    [linear, (given: unknown) => linear.bwd(given as never)],
    [net, (given: unknown) => net.bwd(given as never)],
    [net, (given: unknown) => net.backward(given as never)],
    [skip, (given: unknown) => skip.bwd(given as never)],
  ] as const) {
    const x = ones([3, 4])
    const y = layer.forward(x)
    y.g = ones(y.shape)
    const name = layer.describe()
    expect(() => back({ inputgrad: false })).toThrow(
      new TypeError(
        `${name}.bwd(): there is no option inputgrad, did you mean inputGrad? (options: inputGrad)`,
      ),
    )
    expect(() => back(false)).toThrow(`${name}.bwd(): argument 1 is false, expected an object of options`)
    expect(x.g).toBe(null)
    back({ inputGrad: false })
    expect(x.g).toBe(null)
    layer.forward(x).g = ones(y.shape)
    back({})
    expect(x.g?.shape).toEqual([3, 4])
  }
})

describe('what is no input', () => {
  const net = new Sequential(new Flatten(), new Linear(4, 2))

  test.each([
    [net, 'Sequential(2 layers)'],
    [new Linear(4, 2), 'Linear(4→2)'],
    [new ReLU(), 'ReLU()'],
  ] as [Layer, string][])('%o', (layer, name) => {
    const forward = (x: unknown) => () => layer.forward(x as never)
    expect(forward([[1, 2]])).toThrow(
      `${name}: input is an array, expected a Tensor; make one with tensor(values, shape)`,
    )
    expect(forward(Float32Array.of(1))).toThrow(`${name}: input is a Float32Array, expected a Tensor`)
    expect(forward(undefined)).toThrow(`${name}: input is undefined, expected a Tensor`)
    expect(forward(null)).toThrow(`${name}: input is null`)
    expect(forward(Promise.resolve(tensor([1])))).toThrow(`${name}: input is a Promise`)
    expect(forward([[1, 2]])).toThrow(TypeError)
  })

  test('and what is no state', () => {
    const load = (record: unknown) => () => new Linear(2, 1).loadStateDict(record as never)
    expect(load({ weight: [1, 2], bias: zeros([1]) })).toThrow('weight is an array, expected a Tensor')
    expect(load({ weight: zeros([1, 2], { dtype: 'int32' }), bias: zeros([1]) })).toThrow(
      'weight is int32, expected a float',
    )
    expect(load(undefined)).toThrow(
      'Linear(2→1).loadStateDict: the state is undefined, expected tensors by name',
    )
    expect(load(null)).toThrow('the state is null')
    expect(load([zeros([1, 2])])).toThrow('the state is an array')
  })
})

describe('an image that lacks an axis', () => {
  const net = () => new Sequential(new Conv2d(1, 2, 3), new ReLU(), new Flatten(), new Linear(2 * 4 * 5, 3))

  test.each([
    [[1, 6, 7], 'lacks its batch axis; reshape it to [1,1,6,7]'],
    [[6, 7], 'lacks its batch and channel axes; reshape it to [1,1,6,7]'],
    [[5, 6, 7], 'lacks its channel axis; reshape it to [5,1,6,7]'],
  ])('%o: the first layer says so, and why', (shape, message) => {
    for (const outer of [net(), new Sequential(net()), new Sequential(net(), new ReLU())]) {
      const text = new RegExp(
        `^\\S+\\(.*\\): input \\[${shape.join()}\\] ${message.replaceAll(/[[\]]/g, '\\$&')} \\(.*\\)$`,
      )
      expect(() => outer.forward(zeros(shape))).toThrow(text)
      expect(() => outer.outputShape(shape)).toThrow(RangeError)
    }
    expect(() => net().forward(zeros(shape))).toThrow(/^Conv2d\(1→2, 3×3\): input /)
  })

  test('what no axis mends keeps its own message', () => {
    expect(() => net().forward(zeros([2, 3, 6, 7]))).toThrow(
      /^Conv2d\(1→2, 3×3\): input has 3 channels, expected 1 \(input shape \[2,3,6,7\]\)$/,
    )
    expect(() => net().forward(zeros([8, 8]))).toThrow(/^Conv2d\(1→2, 3×3\): input has rank 2/)
    expect(() => net().forward(zeros([1, 1, 6, 7], { dtype: 'float64' }))).toThrow(
      /^Conv2d\(1→2, 3×3\): input is float64, expected float32$/,
    )
  })

  test('a convolution alone takes an image without its batch', () => {
    expect(new Sequential(new Conv2d(1, 2, 3)).forward(ones([1, 6, 7])).shape).toEqual([2, 4, 5])
  })
})

test('a tensor of another copy of @handgrad/tensor is refused with both versions', async () => {
  vi.resetModules()
  const other = (await import('@handgrad/tensor')) as { zeros: typeof zeros }
  const x = other.zeros([1, 2])
  const text =
    /^[\w ()→]+: input is a Tensor of another copy of @handgrad\/tensor \(\d.* there, \d.* here\); install one/
  for (const layer of [new Linear(2, 1), new ReLU(), new Sequential(new Linear(2, 1))]) {
    expect(() => layer.forward(x)).toThrow(text)
  }
  expect(() => new Linear(2, 1).loadStateDict({ weight: x, bias: zeros([1]) })).toThrow(
    'weight is a Tensor of another copy',
  )
})

test('String(net) and console.log show the layers with shapes and parameters', async () => {
  const { inspect } = await import('node:util')
  const net = new Sequential(
    new Conv2d(1, 8, 3),
    new Sequential(new ReLU(), new Linear(784, 10, { bias: false })),
    new Linear(1, 1, { bias: false }),
  )
  const text = [
    'Sequential(',
    '  0: Conv2d(1→8, 3×3): weight [8,1,3,3], bias [8]; 80 parameters',
    '  1: Sequential(',
    '    0: ReLU()',
    '    1: Linear(784→10): weight [10,784]; 7,840 parameters',
    '  ) 7,840 parameters',
    '  2: Linear(1→1): weight [1,1]; 1 parameter',
    ') 7,921 parameters',
  ].join('\n')
  expect(String(net)).toBe(text)
  expect(inspect(net)).toBe(text)
  expect(inspect(new ReLU())).toBe('ReLU()')
})
