import { setFlagsFromString } from 'node:v8'
import { runInThisContext } from 'node:vm'
import { CrossEntropyLoss, SGD } from '@handgrad/loss-optim'
import {
  currentKernels,
  type Kernel,
  manualSeed,
  platform,
  randn,
  Tensor,
  useBackend,
} from '@handgrad/tensor'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { models } from './models.ts'
import { type PlannedStepper, plannedStepper } from './planned/stepper.ts'
import { resolveConfig } from './resolve-config.ts'
import { barImages } from './test/bars.ts'
import { TrainingRun } from './training-run.ts'
import { startTurbo, stopTurbo } from './turbo.ts'

const revectorises = process.arch === 'x64'

afterEach(() => {
  for (const stepper of closing.splice(0)) stepper.close()
  vi.restoreAllMocks()
  useBackend('simd')
  stopTurbo()
})

/** Whether V8's optimising compiler made the code of a kernel. */
function isOptimised(kernel: Kernel): boolean {
  setFlagsFromString('--allow-natives-syntax')
  // V8's own words are no JavaScript, so no file can hold them.
  const ask = runInThisContext('(kernel) => %IsTurboFanFunction(kernel)') as (kernel: Kernel) => boolean
  return ask(kernel)
}

const closing: PlannedStepper[] = []

/** The parameters after three steps on so many threads. */
async function parameters(threads: number): Promise<number[][]> {
  manualSeed(3)
  const net = models.seed()
  const stepper = plannedStepper(net, new CrossEntropyLoss(), threads)
  closing.push(stepper)
  await vi.waitUntil(() => stepper.ready === threads - 1, 20_000)
  const sgd = new SGD(net.parameters(), { lr: 0.05, momentum: 0.9 })
  const x = randn([64, 1, 28, 28])
  const y = new Tensor<'int32'>(
    Int32Array.from({ length: 64 }, (_, i) => i % 10),
    [64],
  )
  for (let i = 0; i < 3; i++) {
    stepper.train(x, y)
    sgd.step()
  }
  return net.parameters().map(({ data }) => [...data])
}

describe.runIf(revectorises)('on x64', () => {
  test.each(Object.entries(models))('%s passes its check in code that V8 has optimised', (_, make) => {
    expect(startTurbo(make)).toBe(null)
    const kernels = currentKernels()!
    const optimised = Object.keys(kernels).filter((name) => isOptimised(kernels[name]))
    expect(optimised).toContain('tensor/gemm')
    expect(optimised).toContain('loss-optim/cross_entropy')
    expect(optimised.filter((name) => name.startsWith('layers/')).length).toBeGreaterThan(0)
  })

  test('parameters are the same bits on 1, 2, 3 and 8 threads', async () => {
    expect(startTurbo(models.seed)).toBe(null)
    const one = await parameters(1)
    for (const threads of [2, 3, 8]) expect(await parameters(threads)).toEqual(one)
  })

  test('wrong numbers are seen, and the kernels go on without', () => {
    expect(startTurbo(models.mlp)).toBe(null)
    const kernels = currentKernels()!
    const gemm = kernels['tensor/gemm']
    const setFlag = platform.setFlag.bind(platform)
    const flags = vi.spyOn(platform, 'setFlag')
    // The check compiles anew, so the fault comes in with the flag that it sets.
    flags.mockImplementation((flag) => {
      if (flag === '--no-liftoff')
        currentKernels()!['tensor/gemm'] = (...args) => gemm(...args.slice(0, 3), 0)
      return setFlag(flag)
    })
    expect(startTurbo(models.mlp)).toMatch(/^its self-check failed: .* came out as .* instead of /)
    expect(flags).toHaveBeenCalledWith('--no-experimental-wasm-revectorize')
    expect(currentKernels()).not.toBe(kernels)
  })
})

test('an engine without the flag trains without, and the run says so', () => {
  vi.spyOn(platform, 'setFlag').mockReturnValue(false)
  const data = { train: barImages(100, 1), test: barImages(30, 2), classes: 10, background: 0 }
  const run = new TrainingRun(resolveConfig({ turbo: true, model: 'mlp' }), data)
  expect(run.noTurbo).toBe('this engine cannot revectorise WebAssembly')
  expect(run.config.turbo).toBe(false)
})

test('reference has nothing to speed up', () => {
  useBackend('reference')
  expect(startTurbo(models.seed)).toBe('reference has no kernels to speed up')
})
