import { Flatten, Linear, ReLU, Sequential } from '@handgrad/layers'
import { readSafetensors, saveSafetensors } from '@handgrad/tensor'
import { expect, test, vi } from 'vitest'
import { isOwnModel, makerOf, type OwnNetwork } from '../own-network.ts'
import { resolveConfig } from '../resolve-config.ts'
import { barImages } from '../test/bars.ts'
import { TrainingRun } from '../training-run.ts'
import { loadRunState, saveRunState } from './file.ts'
import type { RunState } from './run-state.ts'
import { sealed } from './seal.ts'

const config = resolveConfig({
  model: '/mine/net.ts',
  epochs: 3,
  batchSize: 16,
  threads: 1,
  preset: 'seed',
  momentum: 0.5,
})
const images = { train: barImages(40, 1), test: barImages(5, 2), classes: 10, background: 0 }
const files = { 'net.ts': 'sha256:1', 'parts/block.ts': 'sha256:2' }

/** A network whose first layer is frozen. */
function make(): Sequential {
  const net = new Sequential(new Flatten(), new Linear(784, 8), new ReLU(), new Linear(8, 10))
  for (const parameter of net.layers[1].parameters()) parameter.requiresGrad = false
  return net
}

const networkOf = (of: Record<string, string> = files): OwnNetwork => ({
  make,
  origin: { files: of },
})
const newRun = (network = networkOf(), state?: RunState, model = config.model): TrainingRun =>
  new TrainingRun({ ...config, model }, images, state, { network })

const savedBy = (run: TrainingRun): RunState => loadRunState(saveRunState(run.state()))

test.each([
  ['seed', false],
  ['resnet', false],
  ['net.ts', true],
  ['./net', true],
  ['a/net', true],
  [String.raw`C:\net`, true],
  ['net.mjs', true],
  ['net.cjs', true],
  ['net.mts', true],
  ['net.js', true],
  ['net.json', false],
  ['ts', false],
  ['netts', false],
])('whether %s is a module: %s', (model, isOwn) => {
  expect(isOwnModel(model)).toBe(isOwn)
})

test('a config takes a name or a module', () => {
  expect(resolveConfig({ model: './net.ts' }).model).toBe('./net.ts')
  for (const model of ['resnet', 'constructor', 3 as never])
    expect(() => resolveConfig({ model })).toThrow(
      'expected seed, lenet5, wide, mlp, or the path of a module',
    )
})

test('the network is made by what is given; a name is a name', () => {
  const counted = vi.fn<() => Sequential>(make)
  const network = { make: counted, origin: { files } }
  const run = newRun(network)
  expect(counted).toHaveBeenCalledTimes(1)
  expect(run.net.parameters()[0].shape).toEqual([8, 784])
  expect(run.networkOrigin).toEqual({ files })
  expect(() => new TrainingRun(config, images)).toThrow(
    new TypeError('the network of /mine/net.ts is not given'),
  )
  expect(makerOf('seed', network)().layers).toHaveLength(8)
  const named = newRun(network, undefined, 'mlp')
  expect([named.networkOrigin, Object.hasOwn(named.state(), 'network')]).toEqual([undefined, false])
})

test('a state keeps its files, as a copy', () => {
  const run = newRun()
  const state = run.state()
  expect(state.network).toEqual({ files })
  expect(state.network!.files).not.toBe(run.networkOrigin!.files)
  expect(savedBy(run).network).toEqual({ files })
})

test('a run goes on with the same files, wherever they lie', () => {
  const state = savedBy(newRun())
  expect(newRun(networkOf(), state, '/moved/net.ts').state().config.model).toBe('/moved/net.ts')
  expect(() => newRun(networkOf(), state, 'mlp')).toThrow('run state: model is /mine/net.ts, not mlp')
  expect(() => newRun(networkOf(), savedBy(newRun(undefined, undefined, 'mlp')))).toThrow(
    'run state: model is mlp, not /mine/net.ts',
  )
})

test.each([
  [{ ...files, 'net.ts': 'sha256:3' }, 'net.ts has changed'],
  [{ ...files, 'parts/block.ts': 'sha256:3' }, 'parts/block.ts has changed'],
  [{ 'net.ts': 'sha256:1' }, 'parts/block.ts is not part of it'],
  [{ ...files, 'more.ts': 'sha256:3' }, 'more.ts is new'],
])('other files are refused by name: %j', (now, what) => {
  expect(() => newRun(networkOf(now), savedBy(newRun()))).toThrow(
    `run state: its network is another one: ${what}; go on with it as it was, or start a new run`,
  )
})

test.each([
  [3, 'network is not an object'],
  [{}, 'network.files is not an object'],
  [{ files: { a: 3 } }, 'network.files has no digest for each of its files'],
])('files that are %j are refused', (network, problem) => {
  const { tensors, metadata } = readSafetensors(saveRunState(newRun().state()))
  const run = JSON.stringify({ ...(JSON.parse(metadata!.run) as object), network })
  const bytes = sealed((checksum) => saveSafetensors(tensors, { ...metadata, run, ...checksum }))
  expect(() => loadRunState(bytes)).toThrow(`run state: ${problem}`)
})

test('frozen parameters stay, are not called unmoved, and a run with them goes on', async () => {
  const whole = newRun()
  for await (const _ of whole.events());
  expect(whole.history).toHaveLength(3)
  for (const epoch of whole.history) {
    expect(epoch).not.toHaveProperty('unmoved')
    expect(epoch).not.toHaveProperty('zeroGradient')
  }
  const begun = newRun()
  const first = [...begun.net.parameters()[0].data]
  for await (const { event } of begun.events()) if (event === 'epoch') break
  const state = savedBy(begun)
  expect([...state.model['1.weight'].data]).toEqual(first)
  expect(state.optimizer.state.map((kept) => Object.keys(kept))).toEqual([
    [],
    [],
    ['momentum_buffer'],
    ['momentum_buffer'],
  ])
  const rest = newRun(networkOf(), state)
  for await (const _ of rest.events());
  const [ended, expected] = [rest, whole].map((run) => run.state().model)
  for (const [name, { data }] of Object.entries(expected)) expect(ended[name].data).toEqual(data)
  const lacking = {
    ...state,
    optimizer: { ...state.optimizer, state: state.optimizer.state.map(() => ({})) },
  }
  expect(() => newRun(networkOf(), lacking)).toThrow(
    'run state: the optimizer keeps no momentum_buffer for parameter 2',
  )
})
