import { backends, manualSeed, randn, type Tensor, useBackend, useThreads } from '@handgrad/tensor'
import { afterEach, describe, expect, test } from 'vitest'
import { Dropout, Sequential } from './index.ts'
import { close, filled, gradients, images, network } from './test/loop.ts'

afterEach(() => {
  useThreads(1)
  useBackend(backends().at(-1)!)
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
