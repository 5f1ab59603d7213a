import { defaultGenerator, manualSeed, randn, sharedMemory, type Tensor, useThreads } from '@handgrad/tensor'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { FAILED, GENERATION, takeShard } from '../../tensor/src/engine/control.ts'
import { comeUp, controlOf, type Fake, fakeWorkers } from '../../tensor/test/engine.ts'
import { Dropout, Linear, ReLU, Sequential } from './index.ts'

afterEach(() => {
  vi.restoreAllMocks()
  useThreads(1)
})

function network(): Sequential {
  manualSeed(1)
  return new Sequential(new Linear(6, 5), new ReLU(), new Dropout(0.25), new Linear(5, 3))
}

function images(seed: number): Tensor {
  manualSeed(seed)
  return randn([16, 6])
}

const filled = (y: Tensor, value: number): Tensor => {
  const g = y.clone()
  g.data.fill(value)
  return g
}

const gradients = (net: Sequential): (number[] | null)[] => net.parameters().map(({ g }) => g && [...g.data])

/** One pass on one thread, by a network that nobody used before. */
function alone(x: Tensor, training: boolean) {
  useThreads(1)
  const net = network().train(training)
  manualSeed(7)
  const y = net.forward(x)
  y.g = filled(y, 2)
  net.backward()
  const result = { y: [...y.data], dx: [...x.g!.data], gradients: gradients(net) }
  x.g = null
  return result
}

/** The other thread takes a shard and dies, as soon as it is told of work. */
function dieNext(worker: Fake): void {
  comeUp(worker)
  const words = controlOf(worker)
  const notify = Atomics.notify.bind(Atomics)
  const spy = vi.spyOn(Atomics, 'notify').mockImplementation((array, at, count) => {
    if (at !== GENERATION) return notify(array, at, count)
    spy.mockRestore()
    takeShard(words, Atomics.load(words, GENERATION))
    Atomics.store(words, FAILED, 1)
    return 0
  })
}

const GONE = 'worker thread 1 is gone: a kernel threw'

// In evaluation the way back is a program of its own, which runs forward once more.
describe.each([true, false])('a thread that dies in README’s loop (training: %o)', (training) => {
  function setting() {
    const workers = fakeWorkers()
    const [x, other] = [images(2), images(3)]
    const expected = alone(x, training)
    const net = network().train(training)
    useThreads(2)
    return { workers, x, other, expected, net }
  }

  test('in forward makes it throw, and the next one is right', () => {
    const { workers, x, other, expected, net } = setting()
    const before = net.forward(other)
    const values = [...before.data]
    const parameters = net.parameters().map(({ data }) => [...data])
    dieNext(workers[0])
    manualSeed(7)
    const state = defaultGenerator.getState()
    expect(() => net.forward(x)).toThrow(GONE)
    expect(defaultGenerator.getState()).toEqual(state)
    expect([...before.data]).toEqual(values)
    expect(net.parameters().map(({ data }) => [...data])).toEqual(parameters)
    expect(gradients(net)).toEqual([null, null, null, null])
    expect(x.g).toBe(null)
    // What the former pass was computed from is gone: no gradient is better than that of other images.
    before.g = filled(before, 1)
    expect(() => net.backward()).toThrow('call forward first')
    expect([gradients(net), other.g]).toEqual([[null, null, null, null], null])
    const y = net.forward(x)
    expect([...y.data]).toEqual(expected.y)
    y.g = filled(y, 2)
    net.backward()
    expect([[...x.g!.data], gradients(net)]).toEqual([expected.dx, expected.gradients])
  })

  test('in the first forward makes it throw, and the next one is right', () => {
    const { workers, x, expected, net } = setting()
    dieNext(workers[0])
    manualSeed(7)
    expect(() => net.forward(x)).toThrow(GONE)
    expect(() => net.backward()).toThrow('call forward first')
    expect([...net.forward(x).data]).toEqual(expected.y)
  })

  test('in backward makes it throw, and changes nothing: the pass is still there', () => {
    const { workers, x, expected, net } = setting()
    manualSeed(7)
    const y = net.forward(x)
    y.g = filled(y, 2)
    dieNext(workers[0])
    const state = defaultGenerator.getState()
    expect(() => net.backward()).toThrow(GONE)
    expect([gradients(net), x.g]).toEqual([[null, null, null, null], null])
    net.backward()
    expect([[...x.g!.data], gradients(net)]).toEqual([expected.dx, expected.gradients])
    expect(defaultGenerator.getState()).toEqual(state)
    expect([...y.data]).toEqual(expected.y)
    expect(workers).toHaveLength(2)
  })

  test('more than once is borne as often', () => {
    const { workers, x, expected, net } = setting()
    manualSeed(7)
    const y = net.forward(x)
    y.g = filled(y, 2)
    for (const time of [0, 1, 2]) {
      useThreads(2)
      dieNext(workers[time])
      expect(() => net.backward()).toThrow(GONE)
    }
    net.backward()
    expect([[...x.g!.data], gradients(net)]).toEqual([expected.dx, expected.gradients])
    net.backward()
    const twice = expected.gradients.map((list) => list!.map((value) => value * 2))
    expect(gradients(net)).toEqual(twice)
  })
})

test('what no lost thread can write to is given back', () => {
  const workers = fakeWorkers()
  const net = new Sequential(new ReLU(), new ReLU()).eval()
  const MB = 1 << 20
  const x = randn([512, MB / 512 / 4])
  const y = net.forward(x)
  y.g = filled(y, 1)
  net.backward()
  const before = sharedMemory().buffer.byteLength
  for (let time = 0; time < 8; time++) {
    useThreads(2)
    dieNext(workers[time])
    expect(() => net.backward()).toThrow(GONE)
    net.backward()
  }
  // The way back (x, dy, dx) is lost each time, with what little goes with it; forward (x, y) never.
  const lost = (sharedMemory().buffer.byteLength - before) / MB
  expect(lost).toBeGreaterThan(8 * 3)
  expect(lost).toBeLessThan(8 * 3 + 8)
  net.close()
})
