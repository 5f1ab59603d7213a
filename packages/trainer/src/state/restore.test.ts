import { defaultGenerator, platform, type Tensor, tensor } from '@handgrad/tensor'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { TrainConfig } from '../config.ts'
import { type FieldName, fields } from '../fields.ts'
import { ConfigError } from '../resolve-config.ts'
import type { Recipe } from '../test/by-hand/run.ts'
import { configOf, data, noise, recipes, runOf, trainData } from '../test/by-hand/setting.ts'
import { TrainingRun } from '../training-run.ts'
import { loadRunState, saveRunState } from './file.ts'
import { type RunState, RunStateError } from './run-state.ts'

const plain = recipes['plain SGD at a constant rate']
const momentum = recipes['momentum and one cycle']
const adam = recipes['Adam in thirds of two epochs']
const thirds = recipes['momentum in thirds of four epochs']

afterEach(() => vi.restoreAllMocks())

async function stateOf(recipe: Recipe, epochs = 1): Promise<RunState> {
  const run = runOf(recipe)
  for await (const { event } of run.events()) if (event === 'epoch' && run.history.length === epochs) break
  return loadRunState(saveRunState(run.state()))
}

/** A run that goes on from `state`, with another config perhaps. */
const resume = (state: RunState, changed: Partial<TrainConfig> = {}): TrainingRun =>
  new TrainingRun({ ...state.config, ...changed }, trainData(), state)

/** Another value for each field; what may be another is marked so. */
const others: Record<FieldName, { value: string | number | true; free?: true }> = {
  preset: { value: 'fast' },
  dataset: { value: 'fashion-mnist' },
  model: { value: 'seed' },
  epochs: { value: 3, free: true },
  batchSize: { value: 3 },
  optimizer: { value: 'adam' },
  lr: { value: 0.25 },
  momentum: { value: 0.5 },
  schedule: { value: 'step' },
  shift: { value: 1 },
  seed: { value: 7 },
  backend: { value: 'reference', free: true },
  threads: { value: 2, free: true },
  turbo: { value: true, free: true },
  limit: { value: 100 },
  earlyStop: { value: 2 },
}

describe('fields of the config', () => {
  let state: RunState
  beforeEach(async () => {
    state = await stateOf(plain)
  })

  test('each has its row', () => expect(Object.keys(others)).toEqual(Object.keys(fields)))

  test.each(Object.entries(others))('%s', (name, { value, free }) => {
    // The check of its code is of 28 × 28 pixels.
    vi.spyOn(platform, 'setFlag').mockReturnValue(false)
    const attempt = (): TrainingRun => resume(state, { [name]: value })
    if (free) {
      expect(attempt().history).toHaveLength(1)
      const changed = { ...state, config: { ...state.config, [name]: value } }
      expect(resume(changed, { [name]: state.config[name as FieldName] }).history).toHaveLength(1)
      return
    }
    const saved = state.config[name as FieldName]
    expect(attempt).toThrow(new RunStateError(`${name} is ${saved}, not ${value}`))
  })
})

describe('numbers of epochs', () => {
  const laidOut = (epochs: number, schedule: string, saved: number): ConfigError =>
    new ConfigError(
      'epochs',
      `epochs is ${epochs}: the run cannot have another number, its ${schedule} schedule was laid out for ${saved}`,
    )

  test('a constant rate goes on for any number that is not behind it', async () => {
    const state = await stateOf({ ...plain, epochs: 3 }, 2)
    expect(resume(state, { epochs: 2 }).history.map(({ epochs }) => epochs)).toEqual([2, 2])
    expect(resume(state, { epochs: 9 }).history.map(({ epochs }) => epochs)).toEqual([9, 9])
    const attempt = (): unknown => resume(state, { epochs: 1 })
    expect(attempt).toThrow(new ConfigError('epochs', 'epochs is 1: the run has 2 behind it already'))
    expect(attempt).toThrow(expect.objectContaining({ field: 'epochs' }) as Error)
  })

  test('a cycle keeps its number', async () => {
    const state = await stateOf(momentum)
    for (const epochs of [1, 3]) {
      expect(() => resume(state, { epochs })).toThrow(laidOut(epochs, 'one-cycle', 2))
      expect(() => resume(state, { epochs })).toThrow(expect.objectContaining({ field: 'epochs' }) as Error)
    }
  })

  test('steps keep the length of their thirds', async () => {
    const state = await stateOf(thirds)
    for (const epochs of [4, 5, 6]) expect(resume(state, { epochs }).history).toHaveLength(1)
    for (const epochs of [3, 7]) expect(() => resume(state, { epochs })).toThrow(laidOut(epochs, 'step', 4))
  })
})

describe('what does not fit is refused, and the generator is not that of the state', () => {
  const options = "the optimizer's options are not those of its config: "
  type Tensors = Record<string, Tensor>
  const of = (record: Tensors, change: Record<string, Tensor | undefined>): Tensors => {
    const all = Object.entries({ ...record, ...change })
    return Object.fromEntries(all.filter((entry): entry is [string, Tensor] => entry[1] !== undefined))
  }

  test.each<[string, Recipe, (state: RunState) => Partial<RunState>, string]>([
    ...(['training', 'validation', 'test'] as const).map(
      (part, i): [string, Recipe, (state: RunState) => Partial<RunState>, string] => [
        `other ${part} images`,
        momentum,
        ({ images }) => ({ images: { ...images, [part]: 9 } }),
        `was made with 9 ${part} images, the data has ${[5, 2, 4][i]}`,
      ],
    ),
    [
      'a missing weight',
      momentum,
      ({ model }) => ({ model: of(model, { '1.bias': undefined }) }),
      'Sequential(2 layers).loadStateDict: missing 1.bias',
    ],
    [
      'a weight too many',
      momentum,
      ({ model }) => ({ model: of(model, { '2.bias': tensor([1]) }) }),
      'Sequential(2 layers).loadStateDict: unexpected 2.bias',
    ],
    [
      'a weight of another shape',
      momentum,
      ({ model }) => ({ model: of(model, { '1.bias': tensor([1]) }) }),
      'Sequential(2 layers).loadStateDict: 1.bias has shape [1], expected [3]',
    ],
    [
      'another momentum',
      momentum,
      ({ optimizer }) => ({
        optimizer: { ...optimizer, options: { ...optimizer.options, momentum: 0.5 } as any },
      }),
      `${options}{"lr":`,
    ],
    [
      'other betas',
      adam,
      ({ optimizer }) => ({
        optimizer: { ...optimizer, options: { ...optimizer.options, betas: [0.9, 0.99] } as any },
      }),
      `${options}{"lr":`,
    ],
    [
      'options of a later version',
      plain,
      ({ optimizer }) => ({
        optimizer: { ...optimizer, options: { ...optimizer.options, foreach: true } as any },
      }),
      `${options}{"lr":0.5,`,
    ],
    [
      'no options',
      plain,
      ({ optimizer }) => ({ optimizer: { ...optimizer, options: undefined as any } }),
      `${options}undefined`,
    ],
    [
      'no rate',
      plain,
      ({ optimizer }) => ({
        optimizer: { ...optimizer, options: { ...optimizer.options, lr: null as any } },
      }),
      `${options}{"lr":null,`,
    ],
    [
      'no momentum kept',
      momentum,
      ({ optimizer }) => ({ optimizer: { ...optimizer, state: [optimizer.state[0], {}] } }),
      'the optimizer keeps no momentum_buffer for parameter 1',
    ],
    ...['step', 'exp_avg', 'exp_avg_sq'].map(
      (key): [string, Recipe, (state: RunState) => Partial<RunState>, string] => [
        `no ${key} kept`,
        adam,
        ({ optimizer: { options: own, state } }) => ({
          optimizer: { options: own, state: [of(state[0], { [key]: undefined }), state[1]] },
        }),
        `the optimizer keeps no ${key} for parameter 0`,
      ],
    ),
    [
      'something else kept',
      plain,
      ({ optimizer }) => ({ optimizer: { ...optimizer, state: [{ exp_avg: tensor([1]) }, {}] } }),
      'SGD.loadStateDict: parameter 0 has exp_avg float32 [1], expected no such entry',
    ],
    [
      'a momentum of another shape',
      momentum,
      ({ optimizer: { options: own, state } }) => ({
        optimizer: { options: own, state: [state[0], { momentum_buffer: tensor([1]) }] },
      }),
      'SGD.loadStateDict: parameter 1 has momentum_buffer float32 [1], expected float32 [3]',
    ],
    [
      'fewer parameters',
      plain,
      ({ optimizer }) => ({ optimizer: { ...optimizer, state: [{}] } }),
      'SGD.loadStateDict: state of 1 parameters, expected 2',
    ],
    [
      'a step of the schedule too many',
      momentum,
      ({ schedule }) => ({ schedule: { ...schedule!, lastEpoch: 4 } }),
      'its schedule stands at step 4, expected 3',
    ],
    [
      'an epoch of the schedule too few',
      thirds,
      ({ schedule }) => ({ schedule: { ...schedule!, lastEpoch: 0 } }),
      'its schedule stands at step 0, expected 1',
    ],
    [
      'no schedule',
      momentum,
      () => ({ schedule: null }),
      'its schedule stands at step undefined, expected 3',
    ],
    [
      'a schedule of a constant rate',
      plain,
      () => ({ schedule: { lastEpoch: 0, lr: 0.5 } }),
      'its schedule stands at step 0, expected undefined',
    ],
    [
      'a generator that is cut',
      plain,
      ({ generator }) => ({ generator: generator.slice(1) }),
      'Generator.setState: a state has 5056 bytes, got 5055',
    ],
  ])('%s', async (_, recipe, change, message) => {
    const state = await stateOf(recipe)
    runOf(recipe)
    const fresh = defaultGenerator.getState()
    let thrown: unknown
    try {
      resume({ ...state, ...change(state) })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(RunStateError)
    expect((thrown as Error).message.slice(0, 'run state: '.length + message.length)).toBe(
      `run state: ${message}`,
    )
    expect(defaultGenerator.getState()).toEqual(fresh)
  })
})

test('before the first step nothing is kept, and nothing is asked for', () => {
  for (const recipe of [momentum, adam]) {
    const state = runOf(recipe).state()
    expect(state.optimizer.state).toEqual([{}, {}])
    expect(resume(loadRunState(saveRunState(state))).history).toEqual([])
  }
})

test('other data of as many images is not seen here, of more it is', async () => {
  const state = await stateOf(plain)
  const more = { ...data, test: noise(5, 1) }
  expect(() => new TrainingRun(configOf(plain), trainData(more), state)).toThrow(
    new RunStateError('was made with 4 test images, the data has 5'),
  )
})

describe('the weights of the best epoch', () => {
  const wrong = new RunStateError('the weights of its best epoch are not those of this network')

  test('are those of this network: none less, none more, none of another size', async () => {
    const state = await stateOf(plain)
    const best = { ...state.best! }
    const [name] = Object.keys(best)
    expect(resume(state).best!.model[name].data).toEqual(best[name].data)
    expect(() => resume({ ...state, best: { ...best, more: tensor([1]) } })).toThrow(wrong)
    expect(() => resume({ ...state, best: { ...best, [name]: tensor([1]) } })).toThrow(wrong)
    const { [name]: _, ...fewer } = best
    expect(() => resume({ ...state, best: fewer })).toThrow(wrong)
  })

  test('are there where they would be tested, unless the last epoch is the best', async () => {
    const { best: _, ...state } = await stateOf({ ...plain, epochs: 2 }, 2)
    const early = { ...state.config, earlyStop: 5 }
    const withLosses = (...losses: number[]): RunState => ({
      ...state,
      config: early,
      history: state.history.map((event, i) => ({ ...event, validationLoss: losses[i] })),
    })
    expect(() => resume(withLosses(1, 2))).toThrow(
      new RunStateError('has no weights of its best epoch, 1, which would be tested'),
    )
    expect(resume(withLosses(2, 1)).best!.epoch).toBe(2)
    expect(resume({ ...withLosses(1, 2), config: state.config }).history).toHaveLength(2)
  })
})
