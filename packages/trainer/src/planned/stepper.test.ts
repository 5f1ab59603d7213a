import {
  Conv2d,
  Dropout,
  Flatten,
  Linear,
  lenet5,
  MaxPool2d,
  mlp,
  ReLU,
  Sequential,
  seed,
} from '@handgrad/layers'
import { CrossEntropyLoss, SGD } from '@handgrad/loss-optim'
import {
  type BackendName,
  blocksTaken,
  type DType,
  manualSeed,
  rand,
  randn,
  Tensor,
  tensor,
  useBackend,
} from '@handgrad/tensor'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { localStepper, type Stepper } from '../stepper.ts'
import { type PlannedStepper, plannedStepper } from './stepper.ts'

/** Every way through the compiler: columns, direct, pooled, groups, a pooling of its own, dropout. */
function mixed(): Sequential {
  return new Sequential(
    new Conv2d(1, 5, 3, { stride: 2 }),
    new ReLU(),
    new MaxPool2d(3, { stride: 2 }),
    new Conv2d(5, 7, 3, { padding: 1 }),
    new ReLU(),
    new Conv2d(7, 6, 5, { padding: 2, bias: false }),
    new MaxPool2d(2),
    new Conv2d(6, 4, 3, { padding: 1, groups: 2 }),
    new ReLU(),
    new Flatten(),
    new Dropout(0.3),
    new Linear(36, 10),
  )
}

const networks = { seed, lenet5, mlp, mixed }
const closing: PlannedStepper[] = []
afterEach(() => {
  for (const stepper of closing.splice(0)) stepper.close()
  useBackend('simd')
})

interface Setting {
  stepper: Stepper
  net: Sequential
  x: Tensor
  y: Tensor<'int32'>
}

function setting(make: () => Sequential, N: number, backend: BackendName, threads: number): Setting {
  useBackend(backend)
  manualSeed(7)
  const net = make()
  const x = randn([N, 1, 28, 28])
  const y = new Tensor<'int32'>(
    Int32Array.from({ length: N }, (_, i) => (i * 7) % 10),
    [N],
  )
  if (backend === 'reference') return { stepper: localStepper(net, new CrossEntropyLoss()), net, x, y }
  const stepper = plannedStepper(net, new CrossEntropyLoss(), threads)
  closing.push(stepper)
  return { stepper, net, x, y }
}

const workersUp = (threads: number): Promise<void> =>
  vi.waitUntil(() => closing.at(-1)!.ready === threads - 1, 20_000).then(() => undefined)

/** Gradients after one step, then loss and parameters after three more and an evaluation. */
function measure({ stepper, net, x, y }: Setting) {
  const first = stepper.train(x, y)
  const gradients = net.parameters().map(({ g }) => Float32Array.from(g!.data))
  const sgd = new SGD(net.parameters(), { lr: 0.05, momentum: 0.9 })
  for (let i = 0; i < 3; i++) {
    sgd.step()
    stepper.train(x, y)
  }
  const { loss, predicted } = stepper.evaluate(x, y)
  const parameters = net.parameters().map(({ data }) => Float32Array.from(data))
  return { first: first.loss, loss, predicted: [...predicted], gradients, parameters }
}

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0)

describe.each(['simd', 'simd-plain'] as const)('%s', (backend) => {
  test.each(Object.entries(networks))('%s agrees with the reference, layer after layer', (_, make) => {
    for (const N of [1, 13, 64]) {
      const expected = measure(setting(make, N, 'reference', 1))
      const came = measure(setting(make, N, backend, 1))
      expect(Math.abs(came.first - expected.first)).toBeLessThan(2e-6)
      expect(Math.abs(came.loss - expected.loss)).toBeLessThan(2e-5)
      came.gradients.forEach((gradient, i) => {
        const reference = expected.gradients[i]
        // Tens to thousands of float32 terms on both sides.
        const bound = 1e-5 * largest(reference)
        expect(bound).toBeGreaterThan(0)
        expect(largest(gradient.map((value, at) => value - reference[at]))).toBeLessThan(bound)
      })
    }
  })

  test.each(Object.entries(networks))('%s gives the same bits on 1, 2, 3 and 8 threads', async (_, make) => {
    for (const N of [5, 64]) {
      const one = measure(setting(make, N, backend, 1))
      for (const threads of [2, 3, 8]) {
        const many = setting(make, N, backend, threads)
        await workersUp(threads)
        expect(measure(many)).toEqual(one)
      }
    }
  })
})

test.each(['simd-plain', 'reference'] as const)(
  'what is asked for on %s after a step is computed there',
  (other) => {
    const { stepper, net, x, y } = setting(seed, 8, 'simd', 1)
    const { loss } = stepper.train(x, y)
    const before = Float32Array.from(net.parameters()[0].g!.data)
    useBackend(other)
    const came = stepper.train(x, y).loss
    const gradient = Float32Array.from(net.parameters()[0].g!.data)
    expect(came).toBe(localStepper(net, new CrossEntropyLoss()).train(x, y).loss)
    expect(gradient).toEqual(net.parameters()[0].g!.data)
    expect(gradient).not.toEqual(before)
    useBackend('simd')
    expect(stepper.train(x, y).loss).toBe(loss)
  },
)

test('a step takes no memory after the first of its shape', () => {
  const { stepper, x, y } = setting(seed, 16, 'simd', 1)
  stepper.train(x, y)
  stepper.evaluate(x, y)
  const blocks = blocksTaken()
  const made = vi.spyOn(globalThis, 'Float32Array')
  for (let i = 0; i < 5; i++) {
    stepper.train(x, y)
    stepper.evaluate(x, y)
  }
  expect(made).not.toHaveBeenCalled()
  made.mockRestore()
  expect(blocksTaken()).toBe(blocks)
})

test('data written between steps is seen', () => {
  const { stepper, net, x, y } = setting(seed, 8, 'simd', 1)
  const before = stepper.evaluate(x, y).loss
  net.parameters()[0].data.fill(0)
  expect(stepper.evaluate(x, y).loss).not.toBe(before)
})

test.each(['reference', 'simd'] as const)('%s: what is to be done meanwhile is done once', (backend) => {
  const { stepper, x, y } = setting(seed, 8, backend, 1)
  const meanwhile = vi.fn<() => void>()
  stepper.train(x, y, meanwhile)
  stepper.evaluate(x, y, meanwhile)
  const loss = new CrossEntropyLoss({ labelSmoothing: 0.1 })
  plannedStepper(seed(), loss, 1).train(x, y, meanwhile)
  expect(meanwhile).toHaveBeenCalledTimes(3)
})

test('what fails meanwhile is thrown when the batch is done, and the next one works', async () => {
  const { stepper, x, y } = setting(seed, 64, 'simd', 2)
  await workersUp(2)
  const { loss } = stepper.train(x, y)
  const fail = (): void => {
    throw new Error('no such file')
  }
  expect(() => stepper.train(x, y, fail)).toThrow('no such file')
  expect(stepper.train(x, y).loss).toBe(loss)
})

test('a class that is none is refused', () => {
  const { stepper, x, y } = setting(seed, 8, 'simd', 1)
  y.data[3] = 10
  expect(() => stepper.train(x, y)).toThrow('CrossEntropyLoss: target 10 is not a class, expected 0 to 9')
})

test('targets that are no row of classes are the loss’s own matter', () => {
  const { stepper, net, x } = setting(seed, 8, 'simd', 1)
  // A user without types can hand in whatever the loss takes.
  const train = (y: Tensor<DType>): number => stepper.train(x, y as Tensor<'int32'>).loss
  const local = (y: Tensor<DType>): number =>
    localStepper(net, new CrossEntropyLoss()).train(x, y as Tensor<'int32'>).loss
  const shares = rand([8, 10])
  expect(train(shares)).toBe(local(shares))
  const bytes = tensor(Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 9))
  expect(train(bytes)).toBe(local(bytes))
  expect(() => train(tensor(Int32Array.of(1, 2, 3)))).toThrow('int32 target has shape [3], expected [8]')
  expect(() => train(tensor(new Int32Array(9)))).toThrow('int32 target has shape [9], expected [8]')
})

test('a worker that dies ends the run with an error', async () => {
  const { stepper, x, y } = setting(seed, 64, 'simd', 2)
  await workersUp(2)
  stepper.train(x, y)
  closing.at(-1)!.killWorker()
  await vi.waitUntil(() => {
    try {
      stepper.train(x, y)
      return false
    } catch (error) {
      return (error as Error).message.startsWith('worker thread 1 is gone')
    }
  }, 20_000)
})
