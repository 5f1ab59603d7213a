import { backends, blocksTaken, randn, sharedMemory, type Tensor, useBackend } from '@handgrad/tensor'
import { afterEach, describe, expect, test } from 'vitest'
import { Conv2d, Dropout, Sequential } from './index.ts'
import { Leaky } from './test/containers.ts'
import { filled, gradients, images, network } from './test/loop.ts'

afterEach(() => useBackend(backends().at(-1)!))

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
