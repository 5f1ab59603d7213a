import { backends, blocksTaken, randn, type Tensor, tensor, useBackend, zeros } from '@handgrad/tensor'
import { afterEach, describe, expect, test } from 'vitest'
import {
  Conv2d,
  compileNetwork,
  Flatten,
  kernelPlan,
  type Layer,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from './index.ts'
import { runsOwnCode } from './own-code.ts'
import { Skip } from './test/containers.ts'

afterEach(() => useBackend(backends().at(-1)!))

/** Its forward pass gives 7 everywhere. */
class Sevens extends ReLU {
  protected override compute(x: Tensor): { y: Tensor; saved: Tensor } {
    return { y: filled(x, 7), saved: x }
  }
}

/** Its input's gradient is 5 everywhere. */
class Fives extends ReLU {
  protected override gradients(dy: Tensor): Tensor {
    return filled(dy, 5)
  }
}

class OwnForward extends ReLU {
  override forward(x: Tensor): Tensor {
    super.forward(x)
    return filled(x, 7)
  }
}

class OwnBackward extends ReLU {
  #x: Tensor | null = null
  override forward(x: Tensor): Tensor {
    this.#x = x
    return super.forward(x)
  }
  override bwd(): void {
    this.#x!.g = filled(this.#x!, 5)
  }
}

class OwnPlan extends ReLU {
  planned = 0
  protected override plan(): null {
    this.planned++
    return null
  }
}

/** Two levels below the layer with the kernel. */
class Below extends Sevens {}

/** With its own kernels, written for its own code: here the parent's. */
class OwnKernel extends Sevens {
  override compile(...args: Parameters<ReLU['compile']>): ReturnType<ReLU['compile']> {
    return super.compile(...args)
  }
}

function filled(x: Tensor, value: number): Tensor {
  const y = x.clone()
  y.data.fill(value)
  return y
}

function instance(change: (layer: ReLU) => void): ReLU {
  const layer = new ReLU()
  change(layer)
  return layer
}

const x = (): Tensor => tensor([[1, -2, 3], [-4, 5, -6]]) // biome-ignore format: a matrix

/** Output and input's gradient for an upstream gradient of ones, and whether kernels ran. */
function pass(layer: Layer): { y: number[]; dx: number[]; kernels: boolean } {
  const before = blocksTaken()
  const input = x()
  const y = layer.forward(input)
  y.g = filled(y, 1)
  layer.bwd()
  return { y: [...y.data], dx: [...input.g!.data], kernels: blocksTaken() > before }
}

const sevens = Array(6).fill(7)
const fives = Array(6).fill(5)
const relu = { y: [1, 0, 3, 0, 5, 0], dx: [1, 0, 1, 0, 1, 0] }

describe.each(backends())('on %s, a layer that overrides its mathematics runs its own code', (backend) => {
  test.each<[string, () => Layer, { y: number[]; dx: number[] }]>([
    ['compute', () => new Sevens(), { ...relu, y: sevens }],
    ['compute, two levels up', () => new Below(), { ...relu, y: sevens }],
    ['gradients', () => new Fives(), { ...relu, dx: fives }],
    ['forward', () => new OwnForward(), { ...relu, y: sevens }],
    ['bwd', () => new OwnBackward(), { ...relu, dx: fives }],
    ['plan', () => new OwnPlan(), relu],
    ['forward of one instance', () => instance((r) => (r.forward = (z) => { ReLU.prototype.forward.call(r, z); return filled(z, 7) })), { ...relu, y: sevens }],
    ['compute of one instance', () => instance((r) => Object.assign(r, { compute: (z: Tensor) => ({ y: filled(z, 7), saved: z }) })), { ...relu, y: sevens }],
    ['gradients of one instance', () => instance((r) => Object.assign(r, { gradients: (dy: Tensor) => filled(dy, 5) })), { ...relu, dx: fives }],
  ])('%s', (_name, make, { y, dx }) => {
    useBackend(backend)
    const layer = make()
    // Of an own forward only the output is looked at: it is another tensor than the one that the pass keeps.
    const input = x()
    const out = layer.forward(input)
    expect([...out.data]).toEqual(y)
    if (layer instanceof OwnForward || Object.hasOwn(layer, 'forward')) return
    const came = pass(layer)
    expect([came.y, came.dx]).toEqual([y, dx])
    expect(came.kernels).toBe(false)
    expect(kernelPlan(layer, [2, 3])).toEqual([{ layer: 'ReLU()', kernel: 'reference' }])
  }) // biome-ignore format: one line a case

  test('the layer itself, and one that brings a compile of its own, keep their kernels', () => {
    useBackend(backend)
    const onKernels = backend !== 'reference'
    expect(pass(new ReLU())).toEqual({ ...relu, kernels: onKernels })
    // On kernels it is what its compile says, on reference what its compute says.
    expect(pass(new OwnKernel())).toEqual({
      ...relu,
      ...(onKernels ? {} : { y: sevens }),
      kernels: onKernels,
    })
  })

  test('an instance that is changed after it ran on kernels', () => {
    useBackend(backend)
    const layer = new ReLU()
    expect(pass(layer).y).toEqual(relu.y)
    Object.assign(layer, { compute: (z: Tensor) => ({ y: filled(z, 7), saved: z }) })
    expect(pass(layer).y).toEqual(sevens)
    Reflect.deleteProperty(layer, 'compute')
    expect(pass(layer).y).toEqual(relu.y)
  })

  test('between forward and bwd', () => {
    useBackend(backend)
    const layer = new ReLU()
    const input = x()
    const y = layer.forward(input)
    y.g = filled(y, 1)
    Object.assign(layer, { gradients: (dy: Tensor) => filled(dy, 5) })
    layer.bwd()
    expect([...input.g!.data]).toEqual(fives)
  })

  test('within a network, where a convolution would take it in', () => {
    useBackend(backend)
    const conv = () => new Conv2d(1, 2, 3, { padding: 1 })
    const net = (...behind: Layer[]) => new Sequential(conv(), ...behind, new Flatten(), new Linear(2 * 2 * 3, 4))
    const images = randn([3, 1, 4, 6])
    for (const middle of [[new Sevens(), new MaxPool2d(2)], [new MaxPool2d(2), new Sevens()]]) {
      const own = net(...middle)
      expect(compileNetwork(own, images.shape, true)).toBe(null)
      expect(kernelPlan(own, images.shape).map(({ kernel }) => kernel).filter((kernel) => kernel === 'reference').length).toBeGreaterThanOrEqual(1)
      const y = own.forward(images)
      // The linear layer sees sevens, whatever the image.
      const { weight, bias } = own.layers.at(-1) as Linear
      for (let o = 0; o < 4; o++) {
        const row = weight.data.subarray(o * 12, (o + 1) * 12)
        expect(y.data[o]).toBeCloseTo([...row].reduce((sum, w) => sum + 7 * w, bias!.data[o]), 4)
      }
    }
    const plain = compileNetwork(net(new ReLU(), new MaxPool2d(2)), images.shape, true)
    expect(plain === null).toBe(backend === 'reference')
  }) // biome-ignore format: one line
})

describe('containers', () => {
  /** y = x + f(x). */
  class Residual extends Sequential {
    override forward(input: Tensor): Tensor {
      const y = super.forward(input).clone()
      for (let i = 0; i < y.data.length; i++) y.data[i] += input.data[i]
      return y
    }
  }

  const doubled = [2, -2, 6, -4, 10, -6]

  test.each(backends())('one with a forward of its own runs it, alone and nested, on %s', (backend) => {
    useBackend(backend)
    const residual = () => new Residual(new ReLU())
    for (const net of [residual(), new Sequential(residual()), new Sequential(new Sequential(residual()))]) {
      expect([...net.forward(x()).data]).toEqual(doubled)
      expect(compileNetwork(net, [2, 3], false)).toBe(null)
    }
    const nested = new Sequential(residual(), new Sequential(new ReLU()))
    expect(nested.flat().map((layer) => layer.describe())).toEqual(['Sequential(1 layers)', 'ReLU()'])
    expect(kernelPlan(nested, [2, 3])[0].kernel).toBe('reference')
  })

  test('an instance that occurs in one of them and beside it is refused all the same', () => {
    const shared = new ReLU()
    expect(() => new Sequential(shared, new Residual(shared))).toThrow(
      'the same ReLU() instance occurs twice',
    )
    expect(() => new Sequential(new Residual(new Sequential(shared)), shared)).toThrow('occurs twice')
  })

  test('a plain subclass is as a Sequential', () => {
    class Named extends Sequential {}
    const net = new Sequential(new Named(new Linear(3, 2)), new ReLU())
    expect(net.flat().map((layer) => layer.describe())).toEqual(['Linear(3→2)', 'ReLU()'])
    expect(compileNetwork(net, [2, 3], false) === null).toBe(backends().length === 1)
    expect(net.forward(zeros([2, 3])).shape).toEqual([2, 2])
  })
})

test.each(backends().filter((name) => name !== 'reference'))(
  'on %s, a container that gets a way back of its own after its forward goes back by it',
  (backend) => {
    useBackend(backend)
    const skip = new Skip(new ReLU())
    const input = x()
    const y = skip.forward(input)
    y.g = filled(y, 1)
    skip.bwd()
    // dy by the direct way, and again where x is above 0.
    expect([...input.g!.data]).toEqual([2, 1, 2, 1, 2, 1])
    let given: Tensor | null = null
    const own = {
      through(this: Skip, z: Tensor): Tensor {
        given = z
        return Skip.prototype['through'].call(this, z)
      },
      back(): void {
        given!.g = filled(given!, 5)
      },
    }
    Object.assign(skip, own)
    skip.bwd()
    expect([...input.g!.data]).toEqual(fives)
  },
)

test.each(['forward', 'bwd', 'backward', 'compute', 'gradients', 'plan', 'through', 'back'])(
  'a layer or container with a %s of its own runs that',
  (name) => {
    for (const layer of [new ReLU(), new Sequential(new ReLU()), new Skip(new ReLU())]) {
      expect(runsOwnCode(layer)).toBe(false)
      Object.defineProperty(layer, name, { value: () => null })
      expect(runsOwnCode(layer)).toBe(true)
    }
  },
)

test('what is no mathematics changes nothing', () => {
  const layer = new ReLU()
  Object.defineProperty(layer, 'describe', { value: () => 'mine' })
  expect(runsOwnCode(layer)).toBe(false)
})
