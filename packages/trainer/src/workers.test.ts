import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Linear, Sequential } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { manualSeed, platform, rand, tensor } from '@handgrad/tensor'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type PlannedStepper, plannedStepper, resolveConfig, setWorkerUrl, TrainingRun } from './index.ts'
import { barImages } from './test/bars.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'handgrad-worker-'))
})
afterEach(() => {
  setWorkerUrl(null)
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

/** The address of a worker's module with this code. */
function moduleOf(code: string): URL {
  const path = join(folder, `${Math.random()}.mjs`)
  writeFileSync(path, code)
  return pathToFileURL(path)
}

const own = new URL('../../tensor/src/engine/worker.ts', import.meta.url)
const said = (reason: string | RegExp): RegExp =>
  new RegExp(
    `^a worker thread did not come up \\(${reason instanceof RegExp ? reason.source : reason}\\): training goes on with the threads that are there, to the same numbers; setWorkerUrl\\(\\) says where the worker's module is$`,
  )

/** A stepper on so many threads, what it has said, and one step of the same batch: every number that comes out. */
function setting(threads: number) {
  manualSeed(2)
  const net = new Sequential(new Linear(6, 3))
  const x = rand([16, 6])
  const y = tensor(Int32Array.from({ length: 16 }, (_, i) => i % 3))
  const warnings: string[] = []
  const stepper: PlannedStepper = plannedStepper(net, new CrossEntropyLoss(), threads, {
    onWarning: (text) => warnings.push(text),
  })
  onTestFinished(() => stepper.close())
  const bits = () => {
    const { loss, predicted } = stepper.train(x, y)
    return { loss, predicted: [...predicted], g: net.parameters().map(({ g }) => [...g!.data]) }
  }
  return { stepper, bits, warnings }
}

const until = (isSo: () => boolean): Promise<unknown> => vi.waitUntil(isSo, 30_000)

describe('a worker that does not come up is done without, and that is said once', () => {
  const missing = (): URL => pathToFileURL(join(folder, 'none.js'))

  test.each([
    ['whose file is not there', missing, /there is no file .*none\.js/],
    ['whose address is none', () => 'file:', /.+/],
    ['whose module throws', () => moduleOf("throw new Error('no such luck')"), /no such luck/],
    [
      'of an address with the module in it',
      () => `data:text/javascript,throw new Error('no such luck')`,
      /no such luck/,
    ],
    ['of such a URL', () => new URL(`data:text/javascript,throw new Error('no such luck')`), /no such luck/],
    ['whose module imports what is not there', () => moduleOf("import './none.js'"), /Cannot find module .*/],
    ['that ends by itself', () => moduleOf('process.exit(7)'), /it ended with code 7/],
    ['that is no program', () => moduleOf('<!doctype html>'), /.*Unexpected token.*/],
  ])('%s', async (_, url, reason) => {
    const alone = setting(1).bits()
    setWorkerUrl(url())
    const { stepper, bits, warnings } = setting(4)
    expect(bits()).toEqual(alone)
    await until(() => stepper.threads === 1)
    expect(bits()).toEqual(alone)
    expect(warnings).toEqual([expect.stringMatching(said(reason))])
    expect(stepper.ready).toBe(0)
  })

  test('and a whole run goes to its end, with the same numbers', async () => {
    const data = { train: barImages(40, 1), test: barImages(10, 2), classes: 10, background: 0 }
    const results = []
    const warnings: string[] = []
    for (const threads of [1, 3]) {
      setWorkerUrl(missing())
      const config = resolveConfig({ model: 'mlp', epochs: 2, batchSize: 8, threads })
      const run = new TrainingRun(config, data, undefined, { onWarning: (text) => warnings.push(text) })
      for await (const event of run.events()) {
        // One that is closed in its middle starts threads once more, and says nothing new.
        if (event.event === 'epoch') run.close()
      }
      results.push(run.net.parameters().map((parameter) => [...parameter.data]))
    }
    expect(results[1]).toEqual(results[0])
    expect(warnings).toEqual([expect.stringMatching(said(/there is no file .*/))])
  })

  test('on the console, where nobody else is to be told', () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    setWorkerUrl(missing())
    const stepper = plannedStepper(new Sequential(new Linear(6, 3)), new CrossEntropyLoss(), 3)
    expect(stepper.threads).toBe(1)
    stepper.close()
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/^handgrad: a worker thread did not come up \(there is no file /)],
    ])
  })

  test('though some do', async () => {
    const first = join(folder, 'first')
    setWorkerUrl(
      moduleOf(`
        import { mkdirSync } from 'node:fs'
        mkdirSync(${JSON.stringify(first)})
        await import(${JSON.stringify(own.href)})`),
    )
    const { stepper, bits, warnings } = setting(3)
    await until(() => stepper.threads === 2 && stepper.ready === 1)
    expect(bits()).toEqual(setting(1).bits())
    expect(warnings).toEqual([expect.stringMatching(said(/EEXIST.*/))])
  })
})

test('a worker of which nothing is heard is said to be missing after 30 seconds; if it comes it takes part', async () => {
  const gate = join(folder, 'open')
  setWorkerUrl(
    moduleOf(`
      import { existsSync } from 'node:fs'
      import { parentPort } from 'node:worker_threads'
      parentPort.ref()
      while (!existsSync(${JSON.stringify(gate)})) await new Promise((resolve) => setTimeout(resolve, 5))
      await import(${JSON.stringify(own.href)})`),
  )
  const alone = setting(1).bits()
  const { stepper, bits, warnings } = setting(3)
  expect(bits()).toEqual(alone)
  const begun = performance.now()
  const now = vi.spyOn(performance, 'now')
  now.mockReturnValue(begun + 29_000)
  expect(bits()).toEqual(alone)
  expect([warnings, stepper.threads]).toEqual([[], 3])
  now.mockReturnValue(begun + 31_000)
  expect(bits()).toEqual(alone)
  expect(stepper.threads).toBe(1)
  expect(warnings).toEqual([expect.stringMatching(said('nothing was heard of it for 30 s'))])
  now.mockRestore()

  writeFileSync(gate, '')
  await until(() => stepper.ready === 2)
  expect(stepper.threads).toBe(3)
  expect(bits()).toEqual(alone)
  expect(warnings).toHaveLength(1)
  stepper.killWorker()
  await until(() => {
    try {
      bits()
      return false
    } catch (error) {
      return (error as Error).message === 'worker thread 1 is gone: it ended with code 1'
    }
  })
})

test('where threads share no memory there is one, and that is said', () => {
  const alone = setting(1).bits()
  vi.spyOn(platform, 'canShare', 'get').mockReturnValue(false)
  const { stepper, bits, warnings } = setting(4)
  expect([stepper.threads, stepper.ready]).toEqual([1, 0])
  expect(bits()).toEqual(alone)
  expect(warnings).toEqual([
    'threads share no memory here (a page has to be cross-origin isolated): training goes on with one thread, to the same numbers',
  ])
  expect(setting(1).warnings).toEqual([])
})

test('one that fails when the work is over says nothing', async () => {
  setWorkerUrl(moduleOf("throw new Error('too late')"))
  const { stepper, warnings } = setting(2)
  stepper.close()
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(warnings).toEqual([])
})

describe('setWorkerUrl', () => {
  test.each([own, own.href, own.pathname])('%s is where workers start', async (url) => {
    setWorkerUrl(url)
    const { stepper, bits, warnings } = setting(2)
    await until(() => stepper.ready === 1)
    expect(bits()).toEqual(setting(1).bits())
    expect(warnings).toEqual([])
  })

  test('takes null back to where the worker is by itself', async () => {
    setWorkerUrl('file:///none.js')
    setWorkerUrl(null)
    const { stepper } = setting(2)
    await until(() => stepper.ready === 1)
  })

  test.each([3, '', undefined, {}, new Uint8Array(0)])('refuses %j, and keeps what it had', async (url) => {
    setWorkerUrl(own)
    expect(() => setWorkerUrl(url as string)).toThrow(
      new TypeError(
        `setWorkerUrl: url is ${JSON.stringify(url)}, expected the address of a module, as a URL or a string, or null`,
      ),
    )
    const { stepper } = setting(2)
    expect(stepper.threads).toBe(2)
  })
})
