import { type BackendName, backends, blocksTaken, type Tensor, tensor, useBackend } from '@handgrad/tensor'
import { afterEach, describe, expect, test } from 'vitest'
import { Linear, ReLU, Sequential } from './index.ts'
import { Skip } from './test/containers.ts'

afterEach(() => useBackend(backends().at(-1)!))

/** y = Wx + b + x with whole numbers, which every backend computes alike. */
function affine(): Skip {
  const linear = new Linear(2, 2)
  linear.weight.data.set([1, 2, 3, 4])
  linear.bias!.data.set([10, 20])
  return new Skip(linear)
}

const two = (): Tensor => tensor([[1, 2], [-3, 5]]) // biome-ignore format: a matrix
const twoOut = [[16, 33], [14, 36]] // biome-ignore format: a matrix

function back(layer: Skip, y: Tensor, inputGrad?: boolean): void {
  y.g = tensor([[1, 0], [2, -1]]) // biome-ignore format: a matrix
  layer.bwd(inputGrad === undefined ? {} : { inputGrad })
}

const gradients = (layer: Skip): unknown[] => layer.parameters().map(({ g }) => g?.toArray())
/** dyᵀx and Σdy. */
const expected = [
  [[-5, 12], [3, -5]],
  [3, -1],
] // biome-ignore format: a matrix

describe.each(backends())('a container on %s', (backend: BackendName) => {
  test('both passes by hand, and gradients add up', () => {
    useBackend(backend)
    const layer = affine()
    const x = two()
    const y = layer.forward(x)
    expect(y.toArray()).toEqual(twoOut)
    back(layer, y)
    // dy + Wᵀdy
    expect(x.g!.toArray()).toEqual([[2, 2], [1, -1]]) // biome-ignore format: a matrix
    expect(gradients(layer)).toEqual(expected)
    back(layer, y)
    expect(gradients(layer)).toEqual([[[-10, 24], [6, -10]], [6, -2]]) // biome-ignore format: matrices
  })

  test('without the input’s gradient, that stays what it was', () => {
    useBackend(backend)
    const layer = affine()
    const x = two()
    x.g = tensor([[7, 7], [7, 7]]) // biome-ignore format: a matrix
    back(layer, layer.forward(x), false)
    expect(x.g.toArray()).toEqual([[7, 7], [7, 7]]) // biome-ignore format: a matrix
    expect(gradients(layer)).toEqual(expected)
  })

  test('what is written into x between forward and bwd is not seen', () => {
    useBackend(backend)
    const layer = affine()
    const x = two()
    const y = layer.forward(x)
    x.data.fill(99)
    back(layer, y)
    expect(gradients(layer)).toEqual(expected)
  })

  test('code of its own that comes after forward goes back from the values that forward read', () => {
    useBackend(backend)
    const layer = affine()
    const x = two()
    const y = layer.forward(x)
    x.data.fill(99)
    Object.assign(layer, { back: Skip.prototype['back'] })
    back(layer, y)
    expect(x.g!.toArray()).toEqual([[2, 2], [1, -1]]) // biome-ignore format: a matrix
    expect(gradients(layer)).toEqual(expected)
  })

  test('a shape that is refused changes nothing', () => {
    useBackend(backend)
    const layer = affine()
    const y = layer.forward(two())
    expect(() => layer.forward(tensor([[1, 2, 3]]))).toThrow('Linear(2→2): input has 3 features')
    expect(() => layer.forward([[1, 2]] as unknown as Tensor)).toThrow('Skip(Linear(2→2)): input is an array')
    back(layer, y)
    expect(gradients(layer)).toEqual(expected)
  })

  test('its shape is checked by itself: what is inside may take more', () => {
    useBackend(backend)
    class Pairs extends Skip {
      override outputShape(shape: readonly number[]): number[] {
        if (shape[1] !== 2) throw new RangeError(`Pairs: [${shape.join(',')}], expected [N,2]`)
        return [...shape]
      }
    }
    expect(() => new Pairs(new ReLU()).forward(tensor([[1, 2, 3]]))).toThrow('Pairs: [1,3], expected [N,2]')
  })

  test('bwd asks for a forward: at first, and after close()', () => {
    useBackend(backend)
    const layer = affine()
    const asks = 'Skip(Linear(2→2)).bwd(): call forward first'
    expect(() => layer.bwd()).toThrow(asks)
    const y = layer.forward(two())
    layer.close()
    y.g = y.clone()
    expect(() => layer.bwd()).toThrow(asks)
    const again = layer.forward(two())
    back(layer, again)
    expect(gradients(layer)).toEqual(expected)
  })

  test('in a network that was closed too', () => {
    useBackend(backend)
    const layer = affine()
    const net = new Sequential(layer, new ReLU())
    const y = net.forward(two())
    net.close()
    y.g = y.clone()
    expect(() => layer.bwd()).toThrow('call forward first')
    expect(() => net.backward()).toThrow('call forward first')
  })

  test('used alone before a network, its last pass is the network’s: the one before goes back no more', () => {
    useBackend(backend)
    const layer = affine()
    const net = new Sequential(layer, new ReLU())
    const [x, own] = [two(), tensor([[0, 1]])]
    const alone = layer.forward(own)
    const y = net.forward(x)
    alone.g = tensor([[1, 1]])
    expect(() => layer.bwd()).toThrow("the output's .g is null")
    expect([own.g, gradients(layer)]).toEqual([null, [undefined, undefined]])
    y.g = tensor([[1, 0], [2, -1]]) // biome-ignore format: a matrix
    net.backward()
    expect([x.g!.toArray(), gradients(layer)]).toEqual([[[2, 2], [1, -1]], expected]) // biome-ignore format: matrices
  })

  test('used alone after a network, it has its own pass, and the network its', () => {
    useBackend(backend)
    const layer = affine()
    const net = new Sequential(layer, new ReLU())
    const [x, own] = [two(), tensor([[0, 1]])]
    const y = net.forward(x)
    const alone = layer.forward(own)
    alone.g = tensor([[1, 1]])
    layer.bwd()
    expect([own.g!.toArray(), gradients(layer)]).toEqual([[[5, 7]], [[[0, 1], [0, 1]], [1, 1]]]) // biome-ignore format: matrices
    layer.zeroGrad()
    y.g = tensor([[1, 0], [2, -1]]) // biome-ignore format: a matrix
    if (backend === 'reference') {
      const since = "Skip(Linear(2→2)).bwd(): it was used by itself since the network's forward"
      expect(() => net.backward()).toThrow(since)
      expect([x.g, gradients(layer)]).toEqual([null, [undefined, undefined]])
      return
    }
    net.backward()
    expect([x.g!.toArray(), gradients(layer)]).toEqual([[[2, 2], [1, -1]], expected]) // biome-ignore format: matrices
  })
})

test.each(backends().filter((name) => name !== 'reference'))(
  'on %s, close() gives the kernels’ memory back',
  (backend) => {
    useBackend(backend)
    const layer = affine()
    layer.forward(two())
    const held = blocksTaken()
    layer.forward(two())
    expect(blocksTaken()).toBe(held)
    layer.close()
    layer.forward(two())
    expect(blocksTaken()).toBeGreaterThan(held)
  },
)
