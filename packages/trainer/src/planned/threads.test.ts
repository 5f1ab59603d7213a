import { Linear, Sequential } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { blocksTaken, manualSeed, Tensor } from '@handgrad/tensor'
import { afterEach, expect, test, vi } from 'vitest'
import { comeUp, fakeWorkers } from '../../../tensor/test/engine.ts'
import { noise } from '../test/by-hand/setting.ts'
import { type PlannedStepper, plannedStepper } from './stepper.ts'

const images = noise(16, 41)
const x: Tensor = new Tensor<'float32'>(Float32Array.from(images.flatMap(({ pixels }) => pixels)), [16, 6])
const y = new Tensor<'int32'>(
  Int32Array.from(images, ({ label }) => label),
  [16],
)

const closing: PlannedStepper[] = []
afterEach(() => {
  vi.restoreAllMocks()
  for (const stepper of closing.splice(0)) stepper.close()
})

function setting(threads: number) {
  manualSeed(2)
  const net = new Sequential(new Linear(6, 3))
  const stepper = plannedStepper(net, new CrossEntropyLoss(), threads)
  closing.push(stepper)
  const bits = () => {
    const { loss, predicted } = stepper.train(x, y)
    return { loss, predicted: [...predicted], g: net.parameters().map(({ g }) => [...g!.data]) }
  }
  return { net, stepper, bits }
}

test('threads count this one; workers have the kernels of every package', () => {
  const workers = fakeWorkers()
  const { stepper } = setting(4)
  expect(stepper.threads).toBe(4)
  expect(workers).toHaveLength(3)
  for (const { message } of workers)
    expect(Object.keys(message!.modules).toSorted()).toEqual(['layers', 'loss-optim', 'tensor'])
  expect(stepper.ready).toBe(0)
  comeUp(workers[2])
  expect(stepper.ready).toBe(1)
})

test('one thread starts no worker', () => {
  const workers = fakeWorkers()
  const { stepper, bits } = setting(1)
  bits()
  expect([stepper.threads, stepper.ready]).toEqual([1, 0])
  expect(workers).toEqual([])
})

test('a worker that dies makes one step throw, which changes nothing; the next one is right, with fresh workers', () => {
  const workers = fakeWorkers()
  const alone = setting(1).bits()
  const { net, stepper, bits } = setting(3)
  expect(bits()).toEqual(alone)
  const before = net.parameters().map(({ data, g }) => [data, [...data], g, [...g!.data]])
  for (const worker of workers) comeUp(worker)
  workers[1].failed('it ended with code 7')
  expect(() => stepper.train(x, y)).toThrow('worker thread 2 is gone: it ended with code 7')
  expect(net.parameters().map(({ data, g }) => [data, [...data], g, [...g!.data]])).toEqual(before)
  expect([bits(), bits()]).toEqual([alone, alone])
  expect(workers.map(({ stopped }) => stopped)).toEqual([1, 1, 0, 0])
  expect(stepper.threads).toBe(3)
})

test('close() ends the workers and gives the memory back; a step afterwards takes both anew', () => {
  const workers = fakeWorkers()
  const alone = setting(1).bits()
  const { stepper, bits } = setting(3)
  expect(bits()).toEqual(alone)
  stepper.close()
  expect(workers.map(({ stopped }) => stopped)).toEqual([1, 1])
  stepper.close()
  expect(workers.map(({ stopped }) => stopped)).toEqual([1, 1])
  const taken = blocksTaken()
  expect(bits()).toEqual(alone)
  expect(blocksTaken()).toBeGreaterThan(taken)
  expect(workers.map(({ stopped }) => stopped)).toEqual([1, 1, 0, 0])
  stepper.close()
  expect(workers.map(({ stopped }) => stopped)).toEqual([1, 1, 1, 1])
})

test('workers that another stepper asks for stay', () => {
  const workers = fakeWorkers()
  const [a, b] = [setting(3), setting(2)]
  a.stepper.close()
  a.stepper.close()
  expect(workers.map(({ stopped }) => stopped)).toEqual([0, 0])
  b.stepper.close()
  expect(workers.map(({ stopped }) => stopped)).toEqual([1, 1])
})

test('killWorker ends the first worker, and does nothing where there is none', () => {
  const workers = fakeWorkers()
  setting(3).stepper.killWorker()
  expect(workers.map(({ stopped }) => stopped)).toEqual([1, 0])
  expect(() => setting(1).stepper.killWorker()).not.toThrow()
})
