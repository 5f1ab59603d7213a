import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunState, saveRunState, TrainingRun } from '@handgrad/trainer'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { temporaryFolder } from '../test/handgrad.ts'
import { trained } from '../test/trained.ts'
import { checkRoom, newCheckpoints, readCheckpoint, readEpochEnd, whereOf } from './checkpoints.ts'
import { loadData } from './load-data.ts'
import { openRunFolder, type RunFolder } from './run-folder.ts'

/** The states of a run before its first event, and after each. */
let states: RunState[]
let path: string
let folder: RunFolder

let config: RunState['config']

beforeAll(async () => {
  const { data, state } = await trained('mlp', () => mkdtempSync(join(tmpdir(), 'handgrad-')))
  config = state.config
  const run = new TrainingRun(state.config, await loadData(state.config, data))
  states = [run.state()]
  for await (const event of run.events()) if (event.event !== 'done') states.push(run.state())
})

beforeEach(async () => {
  path = join(temporaryFolder(), 'run')
  folder = await openRunFolder(path, 'mlp')
  await folder.write('config.json', JSON.stringify(config))
})

const same = (state: RunState, other: RunState): void =>
  expect(Buffer.from(saveRunState(state)).equals(saveRunState(other))).toBe(true)

// Of 16 training images in batches of 8: two batches, the validation and the end, twice, and the test.
const [FIRST, SECOND, VALIDATED, EPOCH, THIRD] = [1, 2, 3, 4, 5]

const there = (): string[] => readdirSync(path).filter((name) => name.endsWith('.safetensors'))
const bytesOf = (name: string): Buffer => readFileSync(join(path, name))
const is = (name: string, state: number): void =>
  expect(bytesOf(name).equals(saveRunState(states[state])), `${name} is state ${state}`).toBe(true)

test('a state goes behind the one before; those within an epoch go when it has ended', async () => {
  const { save } = newCheckpoints(folder)
  await save(states[0])
  expect(there()).toEqual(['state.safetensors'])
  await save(states[FIRST])
  await save(states[SECOND])
  expect(there()).toEqual(['checkpoint.before.safetensors', 'checkpoint.safetensors', 'state.safetensors'])
  is('checkpoint.safetensors', SECOND)
  is('checkpoint.before.safetensors', FIRST)
  is('state.safetensors', 0)
  await save(states[EPOCH])
  expect(there()).toEqual(['state.before.safetensors', 'state.safetensors'])
  is('state.safetensors', EPOCH)
  is('state.before.safetensors', 0)
  expect(folder.files).toEqual(['config.json', 'state.safetensors', 'state.before.safetensors'])
})

test('the one that is furthest on is gone on with, and says where it stands', async () => {
  const { save } = newCheckpoints(folder)
  const places = [
    'before its first epoch',
    'in epoch 1, after batch 1 of its training',
    'in epoch 1, after batch 2 of its training',
    'in epoch 1, after batch 1 of its validation',
    'after epoch 1',
    'in epoch 2, after batch 1 of its training',
  ]
  for (const [i, place] of places.entries()) {
    await save(states[i])
    const { state, notes } = await readCheckpoint(path)
    expect([whereOf(state), notes]).toEqual([place, []])
    same(state, states[i])
  }
  // Left behind by one that was killed before it could remove them.
  writeFileSync(join(path, 'checkpoint.safetensors'), saveRunState(states[VALIDATED]))
  expect(whereOf((await readCheckpoint(path)).state)).toBe('after epoch 1')
})

/** A folder in which all four are: of batches 5 and 6, and of epochs 0 and 1. */
async function full(): Promise<void> {
  const { save } = newCheckpoints(folder)
  for (const state of [0, EPOCH, THIRD, THIRD + 1]) await save(states[state])
  expect(there()).toHaveLength(4)
}

test.each<[string, (bytes: Buffer) => Buffer]>([
  ['empty', () => Buffer.alloc(0)],
  ['cut at 4096', (bytes) => bytes.subarray(0, 4096)],
  ['one byte short', (bytes) => bytes.subarray(0, -1)],
  [
    'one bit off in its tensors',
    (bytes) => {
      bytes[bytes.length - 9] ^= 1
      return bytes
    },
  ],
  ['of another kind', () => Buffer.from('not a state')],
])('one that is %s is named, and the one before it is gone on with', async (_, spoil) => {
  await full()
  const order = ['checkpoint.safetensors', 'checkpoint.before.safetensors', 'state.safetensors']
  const next = [THIRD, EPOCH, 0]
  for (const [i, name] of order.entries()) {
    writeFileSync(join(path, name), spoil(bytesOf(name)))
    const { state, notes, whole } = await readCheckpoint(path)
    same(state, states[next[i]])
    expect(notes).toHaveLength(i + 1)
    expect(notes[i]).toContain(join(path, name))
    expect(notes[i]).toContain(`.safetensors, ${whereOf(states[next[i]])}`)
    expect([...whole]).not.toContain(name)
  }
  writeFileSync(join(path, 'state.before.safetensors'), spoil(bytesOf('state.before.safetensors')))
  await expect(readCheckpoint(path)).rejects.toThrow(
    /^.*checkpoint\.safetensors: .*; .*state\.before\.safetensors: /,
  )
})

test('a damaged one never takes the place of the one before it', async () => {
  await full()
  writeFileSync(join(path, 'state.safetensors'), bytesOf('state.safetensors').subarray(0, 100))
  const { whole } = await readCheckpoint(path)
  const { save } = newCheckpoints(folder, whole)
  await save(states[EPOCH])
  is('state.safetensors', EPOCH)
  is('state.before.safetensors', 0)
  await save(states[EPOCH])
  is('state.before.safetensors', EPOCH)
})

test('half a rename: the one before it, which is said', async () => {
  const { save } = newCheckpoints(folder)
  await save(states[0])
  await save(states[EPOCH])
  renameSync(join(path, 'state.safetensors'), join(path, `state.safetensors.77.tmp`))
  const { state, notes } = await readCheckpoint(path)
  expect(state.history).toHaveLength(0)
  expect(notes).toEqual([
    `${join(path, 'state.safetensors')} is not there: going on with ${join(path, 'state.before.safetensors')}, before its first epoch`,
  ])
})

test('one of another model, and one whose weights are another model’s, are named', async () => {
  await full()
  const other = await trained('lenet5')
  writeFileSync(join(path, 'checkpoint.safetensors'), saveRunState(other.state))
  const first = await readCheckpoint(path)
  expect(first.notes).toEqual([
    `${join(path, 'checkpoint.safetensors')} is of another run: its model is lenet5, config.json says mlp: going on with ${join(path, 'checkpoint.before.safetensors')}, ${whereOf(states[THIRD])}`,
  ])
  const mixed = { ...states[THIRD + 1], model: other.state.model }
  writeFileSync(join(path, 'checkpoint.safetensors'), saveRunState(mixed))
  const second = await readCheckpoint(path)
  expect(second.notes[0]).toContain('checkpoint.safetensors: run state: Sequential(')
  same(second.state, states[THIRD])
})

test('where config.json is of no checkpoint, or is none, the checkpoints count', async () => {
  await full()
  writeFileSync(join(path, 'config.json'), '{"model":"seed"}')
  expect((await readCheckpoint(path)).notes).toEqual([])
  for (const text of ['', 'null', '[]', '{']) {
    writeFileSync(join(path, 'config.json'), text)
    expect((await readCheckpoint(path)).notes).toEqual([])
  }
})

test('a folder without one cannot be resumed; a folder in its place says why', async () => {
  await expect(readCheckpoint(path)).rejects.toThrow(`${path} cannot be resumed: no state.safetensors`)
  mkdirSync(join(path, 'state.safetensors'))
  await expect(readCheckpoint(path)).rejects.toThrow(
    `${join(path, 'state.safetensors')}: illegal operation on a directory`,
  )
})

test('what goes on elsewhere begins at the last epoch’s end, which is said', async () => {
  await full()
  const notes: string[] = []
  const { state } = await readEpochEnd(path, (text) => notes.push(text))
  same(state, states[EPOCH])
  expect(notes).toEqual([
    'the run stands in epoch 2, after batch 2 of its training; what goes on elsewhere begins after epoch 1',
  ])
  for (const name of there()) if (name.startsWith('checkpoint')) rmSync(join(path, name))
  notes.length = 0
  copyFileSync(join(path, 'state.before.safetensors'), join(path, 'checkpoint.safetensors'))
  await readEpochEnd(path, (text) => notes.push(text))
  expect(notes).toEqual([])
})

test('room is there, or the error says how much is wanted', async () => {
  await checkRoom(path, states[0])
  const huge = { ...states[0], generator: new Uint8Array(0) }
  await checkRoom(join(path, 'none'), huge)
})
