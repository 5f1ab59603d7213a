import { backends, rand, Tensor, useBackend } from '@handgrad/tensor'
import { afterEach, describe, expect, test } from 'vitest'
import { Sequential } from './containers/sequential.ts'
import { Conv2d } from './conv2d/conv2d.ts'
import { Dropout } from './dropout/dropout.ts'
import { Flatten } from './flatten/flatten.ts'
import type { Layer } from './layer.ts'
import { Linear } from './linear/linear.ts'
import { MaxPool2d } from './max-pool2d/max-pool2d.ts'
import { compileNetwork, hasOwnCode, kernelPlan } from './network.ts'
import { ReLU } from './relu/relu.ts'

afterEach(() => useBackend('simd'))

const small = (dtype: 'float32' | 'float64' = 'float32') =>
  new Sequential(
    new Conv2d(1, 4, 3, { dtype }),
    new Sequential(new ReLU(), new MaxPool2d(2)),
    new Flatten(),
    new Linear(36, 3, { dtype }),
  )

const kernels = (net: Layer, shape: readonly number[]): string[] =>
  kernelPlan(net, shape).map(({ kernel }) => kernel)

describe('kernelPlan', () => {
  test('names every layer, nested ones too, with its kernel', () => {
    const plan = kernelPlan(small(), [8, 1, 8, 8])
    expect(plan.map(({ layer }) => layer)).toEqual([
      'Conv2d(1→4, 3×3)',
      'ReLU()',
      'MaxPool2d(2×2)',
      'Flatten(1, -1)',
      'Linear(36→3)',
    ])
    expect(plan.slice(1, 4).map(({ kernel }) => kernel)).toEqual([
      'in the layer before',
      'in the layer before',
      'nothing to do',
    ])
    expect(plan.filter(({ kernel }) => kernel === 'reference')).toEqual([])
  })

  test('everything runs on reference where that is in force, or the numbers are wide', () => {
    const five = Array.from({ length: 5 }, () => 'reference')
    expect(kernels(small('float64'), [8, 1, 8, 8])).toEqual(five)
    useBackend('reference')
    expect(kernels(small(), [8, 1, 8, 8])).toEqual(five)
  })

  test('a single image is planned layer by layer', () => {
    const net = new Sequential(new Conv2d(1, 4, 3), new ReLU(), new Dropout(0.5))
    expect(kernels(net, [1, 8, 8])).toEqual(['on its own', 'on its own', 'reference'])
    expect(kernels(net, [0, 1, 8, 8])).not.toContain('direct')
  })

  test('a layer alone is a network of one', () => {
    expect(kernelPlan(new Linear(6, 3), [5, 6]).map(({ layer }) => layer)).toEqual(['Linear(6→3)'])
    expect(kernels(new Linear(6, 3), [5, 6])).not.toEqual(['reference'])
    expect(kernels(new Linear(6, 3), [2, 5, 6])).toEqual(['on its own'])
  })

  test('a shape that forward refuses is refused', () => {
    expect(() => kernelPlan(small(), [8, 2, 8, 8])).toThrow(
      'Conv2d(1→4, 3×3): input has 2 channels, expected 1 (input shape [8,2,8,8])',
    )
  })
})

test('hasOwnCode: of the network itself, of a layer, and of one in a network inside', () => {
  const inner = new ReLU()
  const net = new Sequential(new Linear(2, 2), new Sequential(inner))
  const own = (layer: Layer): boolean => {
    const kind = Object.getPrototypeOf(layer) as Layer
    layer.forward = (x) => kind.forward.call(layer, x)
    const has = hasOwnCode(net)
    Reflect.deleteProperty(layer, 'forward')
    return has
  }
  expect(hasOwnCode(net)).toBe(false)
  expect(hasOwnCode(inner)).toBe(false)
  for (const layer of [net, net.layers[0], net.layers[1], inner]) expect(own(layer)).toBe(true)
  expect(hasOwnCode(net)).toBe(false)
})

describe('compileNetwork', () => {
  test('nothing is planned for an empty batch, another rank, or on reference', () => {
    expect(compileNetwork(small(), [8, 1, 8, 8], true)).not.toBe(null)
    expect(compileNetwork(small(), [0, 1, 8, 8], true)).toBe(null)
    expect(compileNetwork(new Sequential(new ReLU(), new ReLU()), [4, 4, 4], true)).toBe(null)
    expect(compileNetwork(small('float64'), [8, 1, 8, 8], true)).toBe(null)
    useBackend('reference')
    expect(compileNetwork(small(), [8, 1, 8, 8], true)).toBe(null)
  })

  test('rows are as many numbers as they have features', () => {
    const plan = compileNetwork(new Linear(6, 3), [5, 6], true)!
    expect([plan.input.value.C, plan.output.C, plan.output.H, plan.output.W]).toEqual([6, 3, 1, 1])
  })

  test('a way back is there when it is asked for', () => {
    for (const returns of [true, false])
      expect(compileNetwork(small(), [8, 1, 8, 8], returns)!.compiler.returns).toBe(returns)
  })
})

describe.each(backends())('%s', (backend) => {
  test('one layer has a plan for each shape, way and backend', () => {
    useBackend(backend)
    const conv = new Conv2d(2, 3, 3, { padding: 1 })
    const shapes = [
      [2, 2, 5, 6],
      [2, 2, 6, 5],
      [2, 5, 6],
      [1, 2, 5, 6],
    ]
    const pass = (shape: number[], inputGrad: boolean): Tensor => {
      const x = rand(shape)
      x.data.fill(0.5)
      const y = conv.forward(x)
      expect(y.shape).toEqual([...shape.slice(0, -3), 3, ...shape.slice(-2)])
      y.g = new Tensor<'float32'>(new Float32Array(y.data.length).fill(1), y.shape)
      conv.weight.g = null
      conv.bwd({ inputGrad })
      expect(x.g === null).toBe(!inputGrad)
      return y
    }
    const once = shapes.map((shape) => [...pass(shape, true).data])
    const gradient = [...conv.weight.g!.data]
    const twice = shapes.map((shape) => [...pass(shape, false).data])
    expect(twice).toEqual(once)
    expect([...conv.weight.g!.data]).toEqual(gradient)
    conv.weight.data.fill(0)
    conv.bias!.data.fill(0)
    expect([...pass(shapes[0], true).data].every((value) => value === 0)).toBe(true)
  })
})

test.each(['simd-plain', 'simd'] as const)(
  '%s: bwd uses what forward read, whatever is written since',
  (backend) => {
    useBackend(backend)
    const linear = new Linear(4, 2, { bias: false })
    const x = new Tensor<'float32'>(Float32Array.of(1, 2, 3, 4), [1, 4])
    const y = linear.forward(x)
    x.data.fill(9)
    y.g = new Tensor<'float32'>(Float32Array.of(1, 10), [1, 2])
    linear.bwd()
    expect(linear.weight.g!.toArray()).toEqual([
      [1, 2, 3, 4],
      [10, 20, 30, 40],
    ])
  },
)
