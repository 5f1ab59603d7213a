import { blocksTaken, platform } from '@handgrad/tensor'
import { afterEach, expect, test, vi } from 'vitest'
import type { WorkerThread } from '../../tensor/src/platform/platform.ts'
import { resolveConfig } from './resolve-config.ts'
import { barImages } from './test/bars.ts'
import { TrainingRun } from './training-run.ts'

afterEach(() => vi.restoreAllMocks())

/** Counts the workers that are started, and those of them that were told to stop. */
function watchWorkers(): { started: number; stopped: number } {
  const seen = { started: 0, stopped: 0 }
  const start = platform.startWorker.bind(platform)
  vi.spyOn(platform, 'startWorker').mockImplementation((failed): WorkerThread => {
    const worker = start(failed)
    seen.started++
    return {
      send: (message) => worker.send(message),
      stop() {
        seen.stopped++
        worker.stop()
      },
    }
  })
  return seen
}

function newRun(): TrainingRun {
  const data = { train: barImages(40, 1), test: barImages(10, 2), classes: 10, background: 0 }
  return new TrainingRun(resolveConfig({ model: 'mlp', epochs: 2, batchSize: 8, threads: 3 }), data)
}

test('a run that is made and not iterated starts no worker and takes no kernel memory', () => {
  const workers = watchWorkers()
  const blocks = blocksTaken()
  const run = newRun()
  run.state()
  run.events()
  expect(workers).toEqual({ started: 0, stopped: 0 })
  expect(blocksTaken()).toBe(blocks)
  run.close()
  expect(workers).toEqual({ started: 0, stopped: 0 })
})

test('its workers start with the first event, and end with the loop', async () => {
  const workers = watchWorkers()
  for await (const event of newRun().events()) {
    expect(workers).toEqual({ started: 2, stopped: 0 })
    if (event.event === 'done') break
  }
  expect(workers).toEqual({ started: 2, stopped: 2 })
})

test('who leaves the loop early ends them too', async () => {
  const workers = watchWorkers()
  for await (const { event } of newRun().events()) if (event === 'epoch') break
  expect(workers).toEqual({ started: 2, stopped: 2 })
})

test('close() ends the workers, may be called twice, and a run that goes on has new ones', async () => {
  const workers = watchWorkers()
  const run = newRun()
  const events = run.events()
  await events.next()
  expect(workers).toEqual({ started: 2, stopped: 0 })
  run.close()
  run.close()
  expect(workers).toEqual({ started: 2, stopped: 2 })
  const next = await events.next()
  expect(next.value).toMatchObject({ event: 'progress', batch: 2 })
  expect(workers).toEqual({ started: 4, stopped: 2 })
  await events.return()
  expect(workers).toEqual({ started: 4, stopped: 4 })
})

test('a loop that failed leaves no worker either', async () => {
  const workers = watchWorkers()
  const run = newRun()
  run.net.parameters()[0].data.fill(Number.NaN)
  await expect(run.events().next()).rejects.toThrow('the loss became NaN (training, epoch 1, batch 1)')
  expect(workers).toEqual({ started: 2, stopped: 2 })
})
