import {
  currentBackend,
  currentKernels,
  defaultGenerator,
  platform,
  sharedMemory,
  useBackend,
} from '@handgrad/tensor'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { models } from './models.ts'
import { resolveConfig } from './resolve-config.ts'
import { barImages } from './test/bars.ts'
import { TrainingRun } from './training-run.ts'
import { startTurbo, stopTurbo } from './turbo.ts'

const ON = '--experimental-wasm-revectorize'
const OFF = '--no-experimental-wasm-revectorize'
const CHECKED = ['--no-liftoff', '--liftoff']

/** The flags that were set; the engine of these tests obeys none, and says that it does. */
let flags: string[] = []
/** What spoils the kernels that the check compiles. */
let spoil = (): void => {}

beforeEach(() => {
  flags = []
  spoil = () => {}
  vi.spyOn(platform, 'setFlag').mockImplementation((flag) => {
    flags.push(flag)
    if (flag === '--no-liftoff') spoil()
    return true
  })
})
afterEach(() => {
  useBackend('simd')
  stopTurbo()
  vi.restoreAllMocks()
})

type Loss = readonly [
  count: number,
  C: number,
  z: number,
  targets: number,
  ignore: number,
  scale: number,
  g: number,
  stats: number,
]

/** Changes what the loss's kernel finds in memory, or leaves there. */
type Wrong = (floats: Float32Array, args: Loss) => void

/** Lets `wrong` change what the loss's kernel left: rows of gradients at g, of four numbers at stats. */
function spoilLoss(wrong: Wrong, before: Wrong = () => {}): void {
  spoil = () => {
    const kernels = currentKernels()!
    const right = kernels['loss-optim/cross_entropy']
    kernels['loss-optim/cross_entropy'] = (...args) => {
      before(new Float32Array(sharedMemory().buffer), args as unknown as Loss)
      right(...args)
      wrong(new Float32Array(sharedMemory().buffer), args as unknown as Loss)
    }
  }
}

/** Scales the gradients of the logits; the bias's gradient is their mean. */
const scaleGradient = (floats: Float32Array, [count, C, , , , , g]: Loss, by: number): void => {
  const row = Math.ceil(C / 4) * 4
  if (g !== 0) for (let i = 0; i < count * row; i++) floats[g / 4 + i] *= by
}

const failure = /^its self-check failed: (.*) \[(\d+)\] came out as (\S+) instead of (\S+)$/

test('kernels that are right pass; the flags, the backend and the generator are left as they were', () => {
  for (const backend of ['simd-plain', 'simd'] as const) {
    useBackend(backend)
    flags = []
    const drawn = defaultGenerator.getState()
    const kernels = currentKernels()
    expect(startTurbo(models.mlp)).toBe(null)
    expect(flags).toEqual([ON, ...CHECKED])
    expect(currentKernels()).not.toBe(kernels)
    expect(currentBackend()).toBe(backend)
    expect(defaultGenerator.getState()).toEqual(drawn)
    const checked = currentKernels()
    expect(startTurbo(models.mlp), 'a second time').toBe(null)
    expect(flags).toEqual([ON, ...CHECKED, ...CHECKED])
    expect(currentKernels()).not.toBe(checked)
    const again = currentKernels()
    stopTurbo()
    expect(flags).toEqual([ON, ...CHECKED, ...CHECKED, OFF])
    const plain = currentKernels()
    expect([again, checked, kernels]).not.toContain(plain)
    stopTurbo()
    expect(flags, 'it is off already').toHaveLength(6)
    expect(currentKernels()).toBe(plain)
  }
})

test.each<[string, Wrong, RegExp, (typeof models)[string]?]>([
  [
    'the loss of training',
    (floats, [count, , , , , , g, stats]) => {
      if (g !== 0) for (let n = 0; n < count; n++) floats[stats / 4 + 4 * n] -= 1
    },
    /^loss$/,
  ],
  [
    'the loss of evaluation',
    (floats, [count, , , , , , g, stats]) => {
      if (g === 0) for (let n = 0; n < count; n++) floats[stats / 4 + 4 * n] -= 1
    },
    /^evaluated loss$/,
  ],
  ['a gradient', (floats, args) => scaleGradient(floats, args, 1.5), /^gradient of \d\.weight$/],
  [
    'what is not a number',
    (floats, args) => scaleGradient(floats, args, Number.NaN),
    /^gradient of \d\.weight$/,
  ],
  [
    'full micro-batches of 8',
    (floats, args) => args[0] === 8 && scaleGradient(floats, args, 1.5),
    /^gradient of/,
    models.seed,
  ],
  [
    'a micro-batch of one image',
    (floats, args) => args[0] === 1 && scaleGradient(floats, args, 1.5),
    /^gradient of/,
    // A shard of a small network has 9 images.
    models.seed,
  ],
  [
    'the fourth class alone',
    (floats, [count, C, , targets, , , g]) => {
      const row = Math.ceil(C / 4) * 4
      const classes = new Int32Array(floats.buffer, targets, count)
      if (g !== 0) for (let n = 0; n < count; n++) if (classes[n] === 3) floats[g / 4 + n * row + 3] *= 1.5
    },
    /^gradient of/,
  ],
  ['3e-5 of the gradients', (floats, args) => scaleGradient(floats, args, 1 + 3e-5), /^gradient of/],
])('wrong in %s: seen, and the kernels go on without', (_, wrong, name, make = models.mlp) => {
  const drawn = defaultGenerator.getState()
  spoilLoss(wrong)
  const answer = startTurbo(make)
  expect(answer).toMatch(failure)
  expect(failure.exec(answer!)![1]).toMatch(name)
  expect(flags).toEqual([ON, ...CHECKED, OFF])
  expect(currentBackend()).toBe('simd')
  expect(defaultGenerator.getState()).toEqual(drawn)
  spoil = () => {}
  expect(startTurbo(make), 'compiled anew').toBe(null)
})

test('that every image counts as the first one is seen: they differ', () => {
  spoilLoss(
    () => {},
    (floats, [count, C, z]) => {
      const row = Math.ceil(C / 4) * 4
      for (let n = 1; n < count; n++) floats.copyWithin(z / 4 + n * row, z / 4, z / 4 + row)
    },
  )
  expect(startTurbo(models.mlp)).toMatch(failure)
})

test('says what came and what is right', () => {
  spoilLoss((floats, [count, , , , , , , stats]) => {
    for (let n = 0; n < count; n++) floats[stats / 4 + 4 * n] -= 1
  })
  const [, name, at, came, right] = failure.exec(startTurbo(models.mlp)!)!
  expect([name, at]).toEqual(['loss', '0'])
  expect(Number(came) - Number(right)).toBeCloseTo(1, 5)
})

test('gradients that are 0 on both sides are right', () => {
  const silent = () => {
    const net = models.mlp()
    net.parameters()[1].data.fill(-1e9)
    return net
  }
  expect(startTurbo(silent)).toBe(null)
})

test('rounding is not wrong', () => {
  spoilLoss((floats, args) => scaleGradient(floats, args, 1 + 2e-6))
  expect(startTurbo(models.mlp)).toBe(null)
})

test('a check that fails with an error leaves flags, backend and generator too', () => {
  const drawn = defaultGenerator.getState()
  spoilLoss(() => {
    throw new Error('no such instruction')
  })
  expect(() => startTurbo(models.mlp)).toThrow('no such instruction')
  expect(flags).toEqual([ON, ...CHECKED, OFF])
  expect(currentBackend()).toBe('simd')
  expect(defaultGenerator.getState()).toEqual(drawn)
})

test('a run checks its own network, and one without turbo ends it', () => {
  const data = { train: barImages(20, 1), test: barImages(5, 2), classes: 10, background: 0 }
  const make = vi.spyOn(models, 'mlp')
  const on = new TrainingRun(resolveConfig({ model: 'mlp', turbo: true }), data)
  expect([on.noTurbo, on.config.turbo]).toEqual([null, true])
  // For the kernels, for reference, and for the run.
  expect(make).toHaveBeenCalledTimes(3)
  expect(flags).toEqual([ON, ...CHECKED])
  const off = new TrainingRun(resolveConfig({ model: 'mlp' }), data)
  expect([off.noTurbo, off.config.turbo]).toEqual([null, false])
  expect(flags).toEqual([ON, ...CHECKED, OFF])
  expect(make).toHaveBeenCalledTimes(4)
})
