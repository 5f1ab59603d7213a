import {
  type BackendName,
  backends,
  blocksTaken,
  manualSeed,
  randn,
  sharedMemory,
  type Tensor,
  tensor,
  useBackend,
  useThreads,
} from '@handgrad/tensor'
import { afterEach, describe, expect, test } from 'vitest'
import { Conv2d, Dropout, Flatten, type Layer, Linear, MaxPool2d, ReLU, Sequential } from './index.ts'
import { Leaky } from './test/containers.ts'

afterEach(() => {
  useThreads(1)
  useBackend(backends().at(-1)!)
})

function network(...middle: ConstructorParameters<typeof Sequential>): Sequential {
  manualSeed(1)
  return new Sequential(
    new Conv2d(1, 4, 3, { padding: 1 }),
    new ReLU(),
    new MaxPool2d(2),
    ...middle,
    new Flatten(),
    new Linear(48, 3),
  )
}

function images(N: number, seed = 2): Tensor {
  manualSeed(seed)
  return randn([N, 1, 8, 6])
}

const filled = (y: Tensor, value: number): Tensor => {
  const g = y.clone()
  g.data.fill(value)
  return g
}

const gradients = (net: Sequential): (number[] | null)[] => net.parameters().map(({ g }) => g && [...g.data])

/** Gradients of one pass by a network that nobody used before. */
function fresh(x: Tensor, value = 1, make: () => Sequential = network): (number[] | null)[] {
  const net = make()
  const y = net.forward(x)
  y.g = filled(y, value)
  net.backward()
  return gradients(net)
}

const close = (values: readonly (number[] | null)[]): unknown[] =>
  values.map((list) => list && list.map((value) => expect.closeTo(value, 4) as unknown))

describe.each(backends())('README’s loop on %s', (backend) => {
  const on = (): BackendName => {
    useBackend(backend)
    return backend
  }

  test('two forwards are two results, and what they gave stays the caller’s', () => {
    on()
    const net = network()
    const [a, b] = [net.forward(images(5)), net.forward(images(5, 3))]
    expect([...a.data]).toEqual([...network().forward(images(5)).data])
    expect([...b.data]).toEqual([...network().forward(images(5, 3)).data])
    expect(a.data.buffer).toBeInstanceOf(ArrayBuffer)
    b.g = filled(b, 1)
    net.backward()
    const held = net.parameters().map(({ g }) => g!)
    const before = held.map(({ data }) => [...data])
    net.zeroGrad()
    b.g = filled(b, 2)
    net.backward()
    expect(held.map(({ data }) => [...data])).toEqual(before)
    for (const { data } of held) expect(data.buffer).toBeInstanceOf(ArrayBuffer)
  })

  test('the way back is that of the last forward, whatever the sizes of the batches', () => {
    on()
    const net = network()
    net.forward(images(5))
    net.forward(images(9))
    const y = net.forward(images(5, 3))
    y.g = filled(y, 1)
    net.backward()
    expect(gradients(net)).toEqual(fresh(images(5, 3)))
  })

  test('micro-steps add up', () => {
    on()
    const net = network()
    for (const seed of [2, 3]) {
      const y = net.forward(images(4, seed))
      y.g = filled(y, 0.5)
      net.backward()
    }
    const [a, b] = [fresh(images(4, 2), 0.5), fresh(images(4, 3), 0.5)]
    const sums = a.map((list, i) => list!.map((value, k) => value + b[i]![k]))
    expect(gradients(net)).toEqual(close(sums))
  })

  test('what is written between two calls counts: the output, its gradient, parameters for the next forward', () => {
    on()
    const net = network()
    const x = images(4)
    const y = net.forward(x)
    const { data } = net.parameters()[0]
    const before = [...data]
    // The way back uses the parameters of its forward, and the input as it was.
    data.fill(0)
    x.data.fill(7)
    y.g = filled(y, 5)
    y.g.data.fill(1)
    net.backward()
    expect(gradients(net)).toEqual(fresh(images(4)))
    data.set(before)
    expect([...net.forward(images(4)).data]).toEqual([...y.data])
    data.fill(0)
    expect([...net.forward(images(4)).data]).not.toEqual([...y.data])
  })

  test('a layer used alone has a pass of its own, and leaves the network’s', () => {
    on()
    const net = network()
    const x = images(4)
    const y = net.forward(x)
    const conv = net.layers[0]
    const other = images(2, 5)
    const z = conv.forward(other)
    y.g = filled(y, 1)
    net.backward()
    expect(gradients(net)).toEqual(fresh(images(4)))
    net.zeroGrad()
    z.g = filled(z, 1)
    conv.bwd()
    expect(other.g!.shape).toEqual([2, 1, 8, 6])
    expect(gradients(net).slice(2)).toEqual([null, null])
    const alone = network().layers[0]
    const own = alone.forward(images(2, 5))
    own.g = filled(own, 1)
    alone.bwd()
    expect(gradients(net).slice(0, 2)).toEqual(alone.parameters().map(({ g }) => [...g!.data]))
  })

  test('each layer’s bwd in reverse is backward, and both may come after one forward', () => {
    on()
    const net = network(new Dropout(0.5))
    const x = images(4)
    const y = net.forward(x)
    y.g = filled(y, 1)
    for (const layer of net.layers.toReversed()) layer.bwd()
    const apart = gradients(net)
    const dx = [...x.g!.data]
    net.zeroGrad()
    net.backward()
    expect(gradients(net)).toEqual(close(apart))
    expect([...x.g!.data]).toEqual(close([dx])[0])
    net.zeroGrad()
    for (const layer of net.layers.toReversed()) layer.bwd()
    expect(gradients(net)).toEqual(close(apart))
  })

  test('a nested network has the pass of the outer one, until it is used alone', () => {
    on()
    const inner = new Sequential(new Dropout(0.5), new ReLU())
    const net = network(inner)
    const y = net.forward(images(4))
    y.g = filled(y, 1)
    net.backward()
    const whole = gradients(net)
    net.zeroGrad()
    for (const layer of net.layers.toReversed()) layer.bwd()
    expect(gradients(net)).toEqual(close(whole))
  })

  test('a frozen parameter gets no gradient and does not move, and may be trained again', () => {
    on()
    const net = network()
    const whole = fresh(images(4))
    const frozen = [0, 3]
    for (const index of frozen) net.parameters()[index].requiresGrad = false
    const pass = (): (number[] | null)[] => {
      net.zeroGrad()
      const y = net.forward(images(4))
      y.g = filled(y, 1)
      net.backward()
      return gradients(net)
    }
    expect(pass()).toEqual(whole.map((list, i) => (frozen.includes(i) ? null : list)))
    for (const parameter of net.parameters()) parameter.requiresGrad = false
    expect(pass()).toEqual([null, null, null, null])
    for (const parameter of net.parameters()) parameter.requiresGrad = true
    expect(pass()).toEqual(whole)
    net.parameters()[1].requiresGrad = false
    expect(pass()[1], 'what was there stays').toBe(null)
  })

  test('a pass ends on the backend that it began on, with the same numbers', () => {
    on()
    const net = network()
    const y = net.forward(images(4))
    y.g = filled(y, 1)
    const whole = fresh(images(4))
    useBackend('reference')
    net.backward()
    expect(gradients(net)).toEqual(whole)
  })

  test('in evaluation the way back is there too, without masks', () => {
    on()
    const make = (): Sequential => network(new Dropout(0.5)).eval()
    const net = make()
    const y = net.forward(images(4))
    expect([...y.data]).toEqual([...network().eval().forward(images(4)).data])
    net.train()
    y.g = filled(y, 1)
    net.backward()
    expect(gradients(net)).toEqual(close(fresh(images(4), 1, () => network().eval())))
  })

  test('an own layer that throws leaves no pass, and everything else as it was', () => {
    on()
    class Throws extends Leaky {
      isReady = true
      override forward(x: Tensor): Tensor {
        if (!this.isReady) throw new Error('not ready')
        return super.forward(x)
      }
    }
    const own = new Throws()
    const net = network(own)
    const before = net.forward(images(4))
    const parameters = net.parameters().map(({ data }) => [...data])
    own.isReady = false
    before.g = filled(before, 1)
    expect(() => net.forward(images(4))).toThrow('not ready')
    expect(net.parameters().map(({ data }) => [...data])).toEqual(parameters)
    expect(() => net.backward()).toThrow('call forward first')
    expect(() => net.layers.at(-1)!.bwd()).toThrow('call forward first')
    expect(gradients(net)).toEqual([null, null, null, null])
    own.isReady = true
    expect([...net.forward(images(4)).data]).toEqual([...before.data])
  })

  test.each([0, 1, 2])('of a network whose layer %i throws no part goes back', (place) => {
    on()
    class Throws extends Leaky {
      isReady = true
      override forward(x: Tensor): Tensor {
        if (!this.isReady) throw new Error('not ready')
        return super.forward(x)
      }
    }
    const own = new Throws()
    const inner = new Sequential(new Linear(4, 4), new ReLU())
    const others: Layer[] = [new Linear(4, 4), inner]
    const net = new Sequential(...others.toSpliced(place, 0, own))
    const x = randn([3, 4])
    const [former, y] = [inner.forward(x), net.forward(x)]
    own.isReady = false
    expect(() => net.forward(x)).toThrow('not ready')
    for (const out of [y, former]) out.g = filled(out, 1)
    expect(() => net.backward()).toThrow('call forward first')
    expect(() => inner.backward()).toThrow('call forward first')
    expect([...gradients(net), x.g]).toEqual([null, null, null, null, null])
    // A part that is used alone has a pass again.
    const alone = inner.forward(x)
    alone.g = filled(alone, 1)
    inner.backward()
    expect(x.g).not.toBe(null)
    expect(() => net.backward()).toThrow('call forward first')
  })

  test('what is refused has drawn nothing and changed nothing', () => {
    on()
    const net = network(new Dropout(0.5))
    const y = net.forward(images(4))
    expect(() => net.forward(randn([4, 2, 8, 6]))).toThrow('Conv2d(1→4, 3×3): input has 2 channels')
    expect(() => net.backward()).toThrow("Linear(48→3).bwd(): the output's .g is null; set it to dL/dy first")
    y.g = tensor([1, 2, 3])
    expect(() => net.backward()).toThrow(
      "Linear(48→3).bwd(): the output's .g is float32 [3], expected float32 [4,3]",
    )
    expect(gradients(net)).toEqual([null, null, null, null])
    y.g = filled(y, 1)
    net.backward()
    const parted = network(new Dropout(0.5))
    const z = parted.forward(images(4))
    z.g = filled(z, 1)
    parted.backward()
    expect(gradients(net)).toEqual(gradients(parted))
  })

  test('close() gives all back; bwd then asks for a forward, which plans anew', () => {
    on()
    const net = network()
    const y = net.forward(images(4))
    net.close()
    y.g = filled(y, 1)
    expect(() => net.backward()).toThrow('call forward first')
    net.close()
    const again = net.forward(images(4))
    expect([...again.data]).toEqual([...y.data])
    again.g = filled(again, 1)
    net.backward()
    expect(gradients(net)).toEqual(fresh(images(4)))
  })
})

describe.each(backends())('the gradient of a network’s input on %s', (backend) => {
  const make = (): Sequential => network(new Dropout(0.5))
  const forward = (net: { forward(x: Tensor): Tensor }, x: Tensor): Tensor => {
    useBackend(backend)
    manualSeed(9)
    return net.forward(x)
  }
  const step = (net: Sequential, x: Tensor): Tensor => {
    const y = forward(net, x)
    y.g = filled(y, 1)
    net.backward()
    return y
  }
  const read = (x: Tensor): number[] => [...x.g!.data]
  const isWaiting = (x: Tensor): boolean => Object.getOwnPropertyDescriptor(x, 'g')!.get !== undefined
  const waits = backend !== 'reference'

  /** Of a network that nobody used before, read at once. */
  const expected = (N: number, seed = 2): number[] => {
    const x = images(N, seed)
    step(make(), x)
    return read(x)
  }

  test('is there after backward, of the shape of the input, and the same again', () => {
    const x = images(5)
    step(make(), x)
    expect(Object.keys(x)).toContain('g')
    const one = images(5)
    const { layers } = make()
    let y = one
    for (const layer of layers) y = forward(layer, y)
    y.g = filled(y, 1)
    for (const layer of [...layers].reverse()) layer.bwd()
    expect([read(x)]).toEqual(close([read(one)]))
    expect(x.g).toBe(x.g)
    expect([x.g!.shape, x.g!.dtype]).toEqual([[5, 1, 8, 6], 'float32'])
  })

  test('is that of its pass, whatever came before it is read', () => {
    const right = expected(5)
    const others = make()
    step(others, images(5, 3))
    const net = make()
    const x = images(5)
    const y = step(net, x)
    x.data.fill(7)
    y.g!.data.fill(9)
    y.g = null
    const kept = net.parameters().map(({ data }) => [...data])
    for (const { data } of net.parameters()) data.fill(3)
    // Another shape, the same shape, and one more that has not gone back yet.
    step(net, images(9, 4))
    step(net, images(5, 4))
    net.parameters().forEach(({ data }, i) => data.set(kept[i]))
    const z = forward(net, images(5, 3))
    expect(isWaiting(x)).toBe(waits)
    useThreads(2)
    useBackend('reference')
    expect(read(x)).toEqual(right)
    useBackend(backend)
    net.zeroGrad()
    z.g = filled(z, 1)
    net.backward()
    expect(gradients(net)).toEqual(gradients(others))
  })

  test('two that are waiting are read in any order, after close() too', () => {
    const right = [expected(5, 2), expected(5, 3)]
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const inputs = [images(5, 2), images(5, 3)]
      const net = make()
      for (const x of inputs) step(net, x)
      expect(inputs.map(isWaiting)).toEqual([waits, waits])
      net.close()
      for (const i of order) expect(read(inputs[i])).toEqual(right[i])
    }
  })

  test('is written over as any other', () => {
    const x = images(5)
    step(make(), x)
    x.g = null
    expect(x.g).toBe(null)
    step(make(), x)
    const mine = randn([5, 1, 8, 6])
    x.g = mine
    expect(x.g).toBe(mine)
  })

  test('is computed at once where the last one was read', () => {
    const net = make()
    const [x, other] = [images(5), images(5)]
    for (const input of [x, other, x]) step(net, input)
    expect([x, other].map(isWaiting)).toEqual([waits, waits])
    expect(read(x)).toEqual(expected(5))
    step(net, x)
    expect(isWaiting(x)).toBe(false)
    expect(read(x)).toEqual(expected(5))
    expect(read(other)).toEqual(expected(5))
  })
})

describe.each(backends().filter((name) => name !== 'reference'))('memory on %s', (backend) => {
  const pass = (net: Sequential, x: Tensor): void => {
    const y = net.forward(x)
    y.g = filled(y, 1)
    net.backward()
    net.zeroGrad()
  }

  test('is taken in the first step of a shape alone, in training and in evaluation', () => {
    useBackend(backend)
    const net = network(new Leaky())
    const all = (): void => {
      for (const training of [true, false]) for (const N of [9, 4]) pass(net.train(training), images(N))
    }
    all()
    const before = blocksTaken()
    all()
    expect(blocksTaken()).toBe(before)
  })

  test('four shapes of a network are kept, and one that was forgotten goes on right', () => {
    useBackend(backend)
    const net = network()
    const y = net.forward(images(3))
    y.g = filled(y, 1)
    net.backward()
    const whole = gradients(net)
    const taken = (N: number): number => {
      const before = blocksTaken()
      pass(net, images(N))
      return blocksTaken() - before
    }
    expect([4, 5, 6].map((N) => taken(N) > 0)).toEqual([true, true, true])
    expect([3, 4, 5, 6].map(taken)).toEqual([0, 0, 0, 0])
    expect(taken(7)).toBeGreaterThan(0)
    expect(taken(3)).toBeGreaterThan(0)
    const z = net.forward(images(3))
    z.g = filled(z, 1)
    net.backward()
    expect(gradients(net)).toEqual(whole)
  })

  test('what a gradient takes that is read after close() is given back', () => {
    useBackend(backend)
    const sizes = Array.from({ length: 8 }, () => {
      const net = network()
      const x = images(256)
      pass(net, x)
      net.close()
      expect(x.g!.shape).toEqual(x.shape)
      return sharedMemory().buffer.byteLength
    })
    expect(sizes.at(-1)).toBe(sizes[1])
  })

  test('networks that are never closed give theirs up to later ones, and an open pass goes on', () => {
    useBackend(backend)
    const first = network(new Dropout(0.5))
    const x = images(64)
    const y = first.forward(x)
    y.g = filled(y, 1)
    first.backward()
    const whole = gradients(first)
    first.zeroGrad()
    const peaks: number[] = []
    for (let n = 0; n < 3; n++) {
      // Each takes more than 60 MB.
      for (let k = 0; k < 5; k++) {
        const wide = new Sequential(new Conv2d(1, 8, 3, { padding: 1 }), new Conv2d(8, 8, 3, { padding: 1 }))
        wide.forward(randn([24, 1, 192, 192]))
      }
      peaks.push(sharedMemory().buffer.byteLength)
    }
    expect(peaks.at(-1)).toBe(peaks[0])
    expect(peaks[0]).toBeLessThan(300 * 2 ** 20)
    first.backward()
    expect(gradients(first)).toEqual(whole)
  })
})
