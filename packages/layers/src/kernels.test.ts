import { backends, blocksTaken, sharedMemory, type Tensor, tensor, useBackend } from '@handgrad/tensor'
import { afterEach, describe, expect, test } from 'vitest'
import { Conv2d, type Layer, Linear, MaxPool2d, ReLU } from './index.ts'

afterEach(() => useBackend(backends().at(-1)!))

const fast = backends().filter((name) => name !== 'reference')
/** Whole numbers, so that every sum is exact in whatever order, and all backends agree bit for bit. */
const whole = (shape: readonly number[], step = 7): Tensor => {
  const length = shape.reduce((product, extent) => product * extent, 1)
  return tensor(
    Float32Array.from({ length }, (_, i) => ((i * step) % 11) - 5),
    shape,
  )
}

function withWholeParameters<L extends Layer>(layer: L): L {
  for (const p of layer.parameters()) p.data.set(whole(p.shape, 3).data)
  return layer
}

interface Result {
  shape: readonly number[]
  y: number[]
  dx: number[] | null
  gradients: number[][]
}

/** One pass; the gradients are those of this pass alone. */
function pass(layer: Layer, x: Tensor, inputGrad = true): Result {
  layer.zeroGrad()
  x.g = null
  const y = layer.forward(x)
  y.g = whole(y.shape, 5)
  layer.bwd({ inputGrad })
  const gradients = layer.parameters().map(({ g }) => [...g!.data])
  return { shape: y.shape, y: [...y.data], dx: x.g === null ? null : [...(x.g as Tensor).data], gradients }
}

const layers: [string, () => Layer, number[][]][] = [
  ['ReLU', () => new ReLU(), [[2, 6], [3, 4], [12], [2, 2, 3], [5, 1]]],
  ['Linear', () => withWholeParameters(new Linear(6, 5)), [[2, 6], [3, 6], [17, 6], [6], [2, 2, 6]]],
  ['Linear without bias', () => withWholeParameters(new Linear(3, 2, { bias: false })), [[2, 3], [9, 3]]],
  ['MaxPool2d', () => new MaxPool2d(2), [[2, 3, 4, 6], [2, 3, 6, 4], [1, 3, 4, 6], [3, 4, 6], [11, 1, 5, 7]]],
  ['Conv2d', () => withWholeParameters(new Conv2d(2, 3, 3, { padding: 1 })), [[2, 2, 4, 6], [2, 2, 6, 4], [2, 4, 6], [9, 2, 5, 3]]],
  ['Conv2d of stride 2', () => withWholeParameters(new Conv2d(2, 4, 2, { stride: 2, groups: 2 })), [[2, 2, 4, 6], [9, 2, 5, 3]]],
] // biome-ignore format: one line a layer

describe.each(fast)('%s gives what reference gives', (backend) => {
  test.each(layers)('%s: one instance on many shapes, each twice, in both orders', (_name, make, shapes) => {
    const expected = (parameters: Layer, x: Tensor, inputGrad: boolean): Result => {
      useBackend('reference')
      const result = pass(parameters, x, inputGrad)
      useBackend(backend)
      return result
    }
    const [layer, twin] = [make(), make()]
    useBackend(backend)
    const before = blocksTaken()
    for (const shape of [...shapes, ...shapes.toReversed()]) {
      for (const inputGrad of [false, true, false, true]) {
        const came = pass(layer, whole(shape), inputGrad)
        expect(came, `${shape.join()} ${inputGrad}`).toEqual(expected(twin, whole(shape), inputGrad))
        expect(came.dx === null).toBe(!inputGrad)
      }
    }
    expect(blocksTaken()).toBeGreaterThan(before)
  })

  test('parameters that change between passes are those of the next', () => {
    useBackend(backend)
    const layer = withWholeParameters(new Linear(2, 1))
    layer.weight.data.set([1, 2])
    layer.bias!.data.set([3])
    const x = tensor([[10, 100]]) as Tensor
    expect(layer.forward(x).item()).toBe(213)
    layer.weight.data.set([2, 1])
    layer.bias!.data.set([0])
    const y = layer.forward(x)
    expect(y.item()).toBe(120)
    y.g = tensor([[1]])
    layer.bwd()
    expect([...x.g!.data, ...layer.weight.g!.data, ...layer.bias!.g!.data]).toEqual([2, 1, 10, 100, 1])
  })

  test('what is written into the input after forward is not seen by bwd', () => {
    useBackend(backend)
    const layer = withWholeParameters(new Linear(2, 1))
    const x = tensor([[10, 100]]) as Tensor
    const y = layer.forward(x)
    x.data.fill(7)
    y.g = tensor([[1]])
    layer.bwd()
    expect([...layer.weight.g!.data]).toEqual([10, 100])
  })

  test('a second bwd adds the same once more, and the input’s gradient is written anew', () => {
    useBackend(backend)
    const layer = withWholeParameters(new Linear(6, 5))
    const x = whole([9, 6])
    const once = pass(layer, x)
    layer.bwd()
    expect(layer.parameters().map(({ g }) => [...g!.data])).toEqual(
      once.gradients.map((list) => list.map((value) => 2 * value)),
    )
    expect([...x.g!.data]).toEqual(once.dx)
  })

  test('outputs and gradients are the caller’s: another pass leaves them as they are', () => {
    useBackend(backend)
    const layer = withWholeParameters(new Linear(6, 5))
    const [a, b] = [whole([3, 6]), whole([3, 6], 4)]
    const y = layer.forward(a)
    y.g = whole(y.shape)
    layer.bwd()
    const held = [y, a.g!, layer.weight.g!]
    const before = held.map(({ data }) => [...data])
    layer.zeroGrad()
    pass(layer, b)
    expect(held.map(({ data }) => [...data])).toEqual(before)
    for (const { data } of held) expect(data.buffer).toBeInstanceOf(ArrayBuffer)
  })

  test('the memory that a pass took is given back', () => {
    useBackend(backend)
    const layer = withWholeParameters(new Linear(64, 64))
    pass(layer, whole([100, 64]))
    const { byteLength } = sharedMemory().buffer
    for (let n = 0; n < 50; n++) pass(layer, whole([100, 64]))
    expect(sharedMemory().buffer.byteLength).toBe(byteLength)
  })
})

test('float64, an empty batch and integers never reach the kernels', () => {
  const before = blocksTaken()
  const wide = new Linear(2, 1, { dtype: 'float64' })
  wide.forward(tensor([[1, 2]], [1, 2], { dtype: 'float64' }) as Tensor)
  new ReLU().forward(tensor([1, -1], [2], { dtype: 'float64' }) as Tensor)
  expect(new Linear(2, 3).forward(tensor([], [0, 2])).shape).toEqual([0, 3])
  expect(() => new ReLU().forward(tensor(Int32Array.of(1)) as never)).toThrow('input is int32')
  expect(blocksTaken()).toBe(before)
})

test('a layer that was planned on one backend runs on the one in force', () => {
  // In one lane 1 + 2⁻¹² is squared, on top of −1: that rounds once where multiply and add are one.
  const part = 1 + 2 ** -12
  const layer = new Linear(8, 1, { bias: false })
  layer.weight.data.set([1, 0, 0, 0, part, 0, 0, 0])
  const x = tensor([[-1, 0, 0, 0, part, 0, 0, 0]]) as Tensor
  const on = (backend: (typeof fast)[number]): number => {
    useBackend(backend)
    return layer.forward(x).item()
  }
  const expected = { simd: 2 ** -11 + 2 ** -24, 'simd-plain': 2 ** -11, reference: 2 ** -11 + 2 ** -24 }
  for (const backend of [...fast, ...fast.toReversed()]) expect(on(backend), backend).toBe(expected[backend])
})
