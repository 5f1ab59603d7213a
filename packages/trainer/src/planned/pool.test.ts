import { Linear, Sequential } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { manualSeed, platform, sharedMemory, Tensor, type WasmMemory } from '@handgrad/tensor'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  DONE,
  FAILED,
  GENERATION,
  PROGRESS,
  STOP,
  takeShard,
  upAt,
  wordsOf,
} from '../../../tensor/src/engine/control.ts'
import { noise } from '../test/by-hand/setting.ts'
import { type PlannedStepper, plannedStepper } from './stepper.ts'

/** A worker that does what a test says: what it was sent, how it tells of its end, and whether it was told to stop. */
interface Fake {
  message: { memory: WasmMemory; modules: object; control: number; thread: number } | null
  failed: (reason: string) => void
  stopped: number
}

function fakeWorkers(): Fake[] {
  const made: Fake[] = []
  vi.spyOn(platform, 'startWorker').mockImplementation((failed) => {
    const fake: Fake = { message: null, failed, stopped: 0 }
    made.push(fake)
    return {
      send: (message) => (fake.message = message as Fake['message']),
      stop: () => void fake.stopped++,
    }
  })
  return made
}

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

const controlOf = ({ message }: Fake): Int32Array =>
  new Int32Array(sharedMemory().buffer, message!.control, wordsOf(message!.thread + 1))

/** What a worker does first. */
const comeUp = (fake: Fake): void => void Atomics.store(controlOf(fake), upAt(fake.message!.thread), 1)

describe('who works', () => {
  test('threads count this one; each worker is told its number, and where all lies', () => {
    const workers = fakeWorkers()
    const { stepper } = setting(4)
    expect(stepper.threads).toBe(4)
    expect(workers.map(({ message }) => message!.thread)).toEqual([1, 2, 3])
    for (const { message } of workers) {
      expect(message!.memory).toBe(sharedMemory())
      expect(Object.keys(message!.modules).toSorted()).toEqual(['layers', 'loss-optim', 'tensor'])
      expect(message!.control).toBe(workers[0].message!.control)
    }
    expect(stepper.ready).toBe(0)
    comeUp(workers[2])
    expect(stepper.ready).toBe(1)
    comeUp(workers[0])
    expect(stepper.ready).toBe(2)
  })

  test('one thread starts no worker', () => {
    const workers = fakeWorkers()
    expect(setting(1).stepper.threads).toBe(1)
    expect(workers).toEqual([])
  })

  test('workers that never come up leave all of it to this thread', () => {
    fakeWorkers()
    const alone = setting(1).bits()
    const { bits } = setting(3)
    expect([bits(), bits()]).toEqual([alone, alone])
  })
})

/** A pool of two: what the other thread does when it has been told of a batch. */
function other(act: (words: Int32Array, generation: number) => void) {
  const [worker] = [fakeWorkers()].map((all) => all)
  const { stepper } = setting(2)
  comeUp(worker[0])
  return () => {
    const words = controlOf(worker[0])
    return stepper.train(x, y, () => act(words, Atomics.load(words, GENERATION)))
  }
}

/** A clock that moves by so many seconds whenever it is looked at. */
function clock(seconds: number, look?: (looks: number) => void): void {
  let looks = 0
  vi.spyOn(performance, 'now').mockImplementation(() => {
    looks++
    look?.(looks)
    return looks * seconds * 1000
  })
}

describe('a worker that holds a shard', () => {
  test('and moves no more for 10 seconds is dead', () => {
    const train = other(takeShard)
    clock(6)
    expect(train).toThrow('worker thread 0 is gone: no thread has moved for 10 s')
    expect(train, 'and stays so').toThrow('worker thread 0 is gone: no thread has moved for 10 s')
  })

  test('is waited for as long as it moves', () => {
    let job: Int32Array
    const train = other((words, generation) => {
      job = words
      takeShard(words, generation)
    })
    clock(6, (looks) => {
      if (looks < 12) Atomics.add(job, PROGRESS, 1)
      if (looks === 12) Atomics.add(job, DONE, 1)
    })
    expect(train).not.toThrow()
  })

  test('and whose kernel throws is named', () => {
    const train = other((words, generation) => {
      takeShard(words, generation)
      Atomics.store(words, FAILED, 1)
    })
    expect(train).toThrow('worker thread 1 is gone: a kernel threw')
  })

  test('and is done with it soon is waited for without sleep', () => {
    const train = other((words, generation) => {
      takeShard(words, generation)
      const load = Atomics.load.bind(Atomics)
      let left = 20
      vi.spyOn(Atomics, 'load').mockImplementation(((array: Int32Array, at: number) => {
        if (at === DONE && --left === 0) Atomics.add(array, DONE, 1)
        return load(array, at)
      }) as typeof Atomics.load)
    })
    const sleep = vi.spyOn(Atomics, 'wait')
    expect(train).not.toThrow()
    expect(sleep).not.toHaveBeenCalled()
  })
})

test('a worker that ends by itself ends the run, with the first reason that came', () => {
  const workers = fakeWorkers()
  const { stepper } = setting(3)
  for (const worker of workers) comeUp(worker)
  stepper.train(x, y)
  workers[1].failed('it ended with code 7')
  workers[0].failed('out of memory')
  expect(() => stepper.train(x, y)).toThrow('worker thread 2 is gone: it ended with code 7')
})

test('what fails meanwhile is thrown when all shards are done', () => {
  const workers = fakeWorkers()
  const { stepper } = setting(2)
  const fail = (): void => {
    throw new Error('no such file')
  }
  expect(() => stepper.train(x, y, fail)).toThrow('no such file')
  expect(Atomics.load(controlOf(workers[0]), DONE)).toBe(8)
  expect(() => stepper.train(x, y)).not.toThrow()
})

test('close() tells every worker, wakes those that sleep, and is the end', () => {
  const workers = fakeWorkers()
  const { stepper } = setting(3)
  stepper.train(x, y)
  const words = controlOf(workers[0])
  const generation = Atomics.load(words, GENERATION)
  const wake = vi.spyOn(Atomics, 'notify')
  stepper.close()
  expect(Atomics.load(words, STOP)).toBe(1)
  expect(Atomics.load(words, GENERATION)).toBe(generation + 1)
  expect(wake).toHaveBeenCalledWith(expect.anything(), GENERATION)
  expect(workers.map(({ stopped }) => stopped)).toEqual([1, 1])
  expect(() => stepper.train(x, y)).toThrow('the pool is closed')
})

test('killWorker ends the first worker, and does nothing where there is none', () => {
  const workers = fakeWorkers()
  setting(3).stepper.killWorker()
  expect(workers.map(({ stopped }) => stopped)).toEqual([1, 0])
  expect(() => setting(1).stepper.killWorker()).not.toThrow()
})
