import { Linear, Sequential } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { platform, sharedMemory, Tensor } from '@handgrad/tensor'
import { afterEach, expect, test, vi } from 'vitest'
import * as word from '../../../tensor/src/engine/control.ts'
import type { Receive } from '../../../tensor/src/platform/platform.ts'
import { noise } from '../test/by-hand/setting.ts'
import { plannedStepper } from './stepper.ts'

const given = vi.hoisted(() => ({ start: {} as object }))
vi.mock('../../../tensor/src/platform/receive-node.ts', () => ({
  receive: ((start) => start(given.start)) satisfies Receive,
}))

afterEach(() => vi.restoreAllMocks())

const images = noise(16, 51)
const x: Tensor = new Tensor<'float32'>(Float32Array.from(images.flatMap(({ pixels }) => pixels)), [16, 6])
const y = new Tensor<'int32'>(
  Int32Array.from(images, ({ label }) => label),
  [16],
)

/** A job that this thread has done alone: its words, what a worker starts from, and what came out. */
function jobDone() {
  let start: { control: number } | null = null
  vi.spyOn(platform, 'startWorker').mockImplementation(() => ({
    send: (message) => (start = message as { control: number }),
    stop: () => {},
  }))
  const stepper = plannedStepper(new Sequential(new Linear(6, 3)), new CrossEntropyLoss(), 2)
  stepper.train(x, y)
  const { buffer } = sharedMemory()
  const words = new Int32Array(buffer, start!.control, word.wordsOf(2))
  const slots = new Float32Array(buffer, words[word.SLOTS], (words[word.SLOT_BYTES] * words[word.SHARDS]) / 4)
  return { start: start!, words, slots }
}

/** The same job once more, as a pool that has closed and opened it. */
function again(words: Int32Array): void {
  const generation = Atomics.load(words, word.GENERATION) + 1
  Atomics.store(words, word.DONE, 0)
  Atomics.store(words, word.NEXT, word.ticket(generation, 0))
  Atomics.store(words, word.GENERATION, generation)
}

function end(words: Int32Array): void {
  Atomics.store(words, word.STOP, 1)
  Atomics.add(words, word.GENERATION, 1)
}

/**
 * Runs the worker's module in this thread: whenever it falls asleep, the next of `turns` happens in its stead.
 * @throws what its loop throws.
 */
async function asWorker(start: object, turns: (() => void)[]): Promise<void> {
  vi.resetModules()
  given.start = start
  const rest = [...turns]
  vi.spyOn(Atomics, 'wait').mockImplementation(() => {
    const turn = rest.shift()
    if (turn === undefined) throw new Error('the worker sleeps for ever')
    turn()
    return 'ok'
  })
  await import('../../../tensor/src/engine/worker.ts')
  expect(rest).toEqual([])
}

test('a worker comes up, does every job that it sees, and ends when it is told to', async () => {
  const { start, words, slots } = jobDone()
  const alone = slots.slice()
  expect(alone.some((value) => value !== 0)).toBe(true)
  expect(words[word.upAt(1)]).toBe(0)
  const check = (): void => {
    expect(words[word.DONE]).toBe(words[word.SHARDS])
    expect(slots).toEqual(alone)
    slots.fill(Number.NaN)
  }
  await asWorker(start, [
    () => {
      expect(words[word.upAt(1)]).toBe(1)
      slots.fill(Number.NaN)
      again(words)
    },
    () => {
      check()
      again(words)
    },
    () => {
      check()
      end(words)
    },
  ])
  expect(words[word.FAILED]).toBe(0)
})

test('memory that has grown in between is seen', async () => {
  const { start, words, slots } = jobDone()
  const alone = slots.slice()
  await asWorker(start, [
    () => {
      const bytes = new Uint8Array(sharedMemory().buffer)
      const text = bytes.slice(words[word.PROGRAM_AT], words[word.PROGRAM_AT] + words[word.PROGRAM_BYTES])
      const at = sharedMemory().grow(1) * 65536
      new Uint8Array(sharedMemory().buffer).set(text, at)
      Atomics.store(words, word.PROGRAM_AT, at)
      slots.fill(Number.NaN)
      again(words)
    },
    () => {
      expect(slots).toEqual(alone)
      end(words)
    },
  ])
})

test('a job that is over when the worker looks is left alone', async () => {
  const { start, words } = jobDone()
  await asWorker(start, [
    () => {
      again(words)
      // Another one has begun, whose words are not all there.
      Atomics.store(words, word.NEXT, word.ticket(words[word.GENERATION] + 1, 255))
      Atomics.store(words, word.PROGRAM_BYTES, 1)
      Atomics.add(words, word.PROGRAM, 1)
    },
    () => {
      expect(words[word.DONE]).toBe(0)
      end(words)
    },
  ])
  expect(words[word.FAILED]).toBe(0)
})

test('each program is its own; one whose kernel is not there ends the worker, which says who it was', async () => {
  const { start, words } = jobDone()
  const broken = { micro: 8, begin: [], body: [{ kernel: 'tensor/none', args: [] }] }
  const text = new TextEncoder().encode(JSON.stringify(broken))
  const run = asWorker(start, [
    () => again(words),
    () => {
      expect(words[word.DONE]).toBe(words[word.SHARDS])
      new Uint8Array(sharedMemory().buffer, words[word.PROGRAM_AT], text.length).set(text)
      Atomics.store(words, word.PROGRAM_BYTES, text.length)
      Atomics.add(words, word.PROGRAM, 1)
      again(words)
    },
  ])
  await expect(run).rejects.toThrow("there is no kernel 'tensor/none'")
  expect(words[word.FAILED]).toBe(1)
})
