import { type BackendName, backends, randn, type Tensor, tensor, useBackend } from '@handgrad/tensor'
import { afterEach, describe, expect, test } from 'vitest'
import { Dropout, type Layer, Linear, ReLU, Sequential } from './index.ts'
import { Leaky } from './test/containers.ts'
import { close, filled, fresh, gradients, images, network } from './test/loop.ts'

afterEach(() => useBackend(backends().at(-1)!))

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
