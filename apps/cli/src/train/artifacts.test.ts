import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { datasetDigest, type ImageDataset } from '@handgrad/data'
import { readSafetensors } from '@handgrad/tensor'
import { type DoneEvent, resolveConfig, type TrainEvent, TrainingRun } from '@handgrad/trainer'
import { beforeAll, expect, test } from 'vitest'
import { repository } from '../repository.ts'
import { jsonLines, temporaryFolder } from '../test/handgrad.ts'
import { idxFiles, writeFiles } from '../test/idx.ts'
import { writeBest, writeConfig, writeMetrics, writeModel, writePictures } from './artifacts.ts'
import { loadData, type NamedData } from './load-data.ts'
import { openRunFolder } from './run-folder.ts'

let run: TrainingRun
let data: NamedData
let bars: string
const events: TrainEvent[] = []

/** A folder of a run: its path, and what is in a file. */
async function newFolder() {
  const path = join(temporaryFolder(), 'run')
  const folder = await openRunFolder(path, 'mlp')
  return { folder, path, read: (name: string): Buffer => readFileSync(join(path, name)) }
}

// Two epochs on 8 images, 2 to validate and 10 to test.
beforeAll(async () => {
  const options = {
    model: 'mlp',
    dataset: 'fashion-mnist',
    preset: 'seed',
    epochs: 2,
    batchSize: 4,
    threads: 1,
  }
  const config = resolveConfig({ ...options, seed: 3 } as Parameters<typeof resolveConfig>[0])
  bars = mkdtempSync(join(tmpdir(), 'handgrad-'))
  data = await loadData(config, writeFiles(bars, idxFiles(10)))
  rmSync(bars, { recursive: true })
  run = new TrainingRun(config, data)
  for await (const event of run.events()) events.push(event)
})

const done = (): DoneEvent => events.at(-1) as DoneEvent

/** A run of two epochs that stands after its first. */
async function afterOneEpoch(): Promise<TrainingRun> {
  const begun = new TrainingRun(run.config, data)
  for await (const { event } of begun.events()) if (event === 'epoch') break
  return begun
}

test('config.json: the config, the data, the sizes of the parts, and what it was made with', async () => {
  const { folder, read } = await newFolder()
  await writeConfig(folder, run, data)
  const text = read('config.json').toString()
  expect(text).toMatch(/^\{\n  "preset": "seed",\n[^]*\n\}\n$/)
  const config = JSON.parse(text)
  expect(config).toEqual({
    ...run.config,
    dataDir: bars,
    dataDigest: await datasetDigest([data.train, data.test] as ImageDataset[]),
    images: { training: 8, validation: 2, test: 10 },
    versions: { handgrad: expect.stringMatching(/^\d+\.\d+\.\d+/), node: process.versions.node },
    platform: `${process.platform}-${process.arch}`,
    commit: expect.stringMatching(/^[0-9a-f]{40}(-dirty)?$/),
  })
  const manifest = JSON.parse(readFileSync(new URL('apps/cli/package.json', repository), 'utf8'))
  expect(config.versions.handgrad).toBe(manifest.version)
  await writeConfig(folder, run, { ...data, origin: { ...data.origin, folder: null } })
  expect(JSON.parse(read('config.json').toString()).dataDir).toBeNull()
})

test('metrics.jsonl: every epoch and the end, number by number, without the confusion', async () => {
  const { folder, read } = await newFolder()
  await writeMetrics(folder, [...run.history, done()])
  const { confusion: _, ...end } = done()
  const epochs = events.filter(({ event }) => event === 'epoch')
  expect(jsonLines(read('metrics.jsonl').toString())).toEqual([...epochs, end])
  expect(epochs).toHaveLength(2)
  expect(read('metrics.jsonl').toString()).toMatch(/\}\n$/)
})

test('model.safetensors: the weights, and what PyTorch asks for', async () => {
  const { folder, read } = await newFolder()
  const begun = await afterOneEpoch()
  await writeModel(folder, begun, null)
  const { tensors, metadata } = readSafetensors(read('model.safetensors'))
  const ours = Object.entries(begun.net.stateDict())
  expect(Object.keys(tensors).sort()).toEqual(ours.map(([name]) => name).sort())
  for (const [name, { data: values, shape }] of ours)
    expect(tensors[name]).toMatchObject({ data: values, shape })
  expect(metadata).toEqual({ format: 'pt', model: 'mlp', epochs: '1' })
  begun.close()
})

test('best.safetensors: the weights of the best epoch, which model.safetensors is where they are tested', async () => {
  const { folder, read, path } = await newFolder()
  await writeBest(folder, new TrainingRun(run.config, data))
  expect(readdirSync(path)).toEqual(['run.lock'])
  await writeBest(folder, run)
  const { tensors, metadata } = readSafetensors(read('best.safetensors'))
  const losses = run.history.map(({ validationLoss }) => validationLoss)
  const lowest = Math.min(...losses)
  const best = losses.indexOf(lowest) + 1
  expect(metadata).toEqual({
    format: 'pt',
    model: 'mlp',
    epochs: String(best),
    validationLoss: String(lowest),
  })
  expect({ ...tensors }).toEqual({ ...run.best!.model })
  await writeModel(folder, run, { ...done(), bestEpoch: 7 })
  expect(readSafetensors(read('model.safetensors')).metadata).toMatchObject({ epochs: '7' })
})

test('the pictures say what was trained on what', async () => {
  const { folder, path, read } = await newFolder()
  expect(await writePictures(folder, run, data, done())).toEqual([])
  expect(read('curves.svg').toString()).toContain('<title>mlp on Fashion-MNIST, seed preset, seed 3</title>')
  expect(folder.files).toEqual(['curves.svg', 'curves.png', 'confusion.png'])
  for (const name of ['curves.png', 'confusion.png']) expect(read(name).subarray(1, 4).toString()).toBe('PNG')

  const stopped = await newFolder()
  expect(await writePictures(stopped.folder, run, data, null)).toEqual([])
  expect(stopped.folder.files).toEqual(['curves.svg', 'curves.png'])
  const none = new TrainingRun(run.config, data)
  const empty = await newFolder()
  expect(await writePictures(empty.folder, none, data, null)).toEqual([])
  expect(readdirSync(empty.path)).toEqual(['run.lock'])
  expect(readdirSync(path).sort()).toEqual(['confusion.png', 'curves.png', 'curves.svg', 'run.lock'])
})

test('a picture that cannot be written or drawn costs nothing but itself', async () => {
  const { folder, path } = await newFolder()
  mkdirSync(join(path, 'curves.svg'))
  mkdirSync(join(path, 'confusion.png'))
  expect(await writePictures(folder, run, data, done())).toEqual(
    ['curves.svg', 'confusion.png'].map((name) => `cannot write ${join(path, name)}: it is no file`),
  )
  expect(folder.files).toEqual(['curves.png'])

  const wrong = { ...done(), confusion: null as unknown as DoneEvent['confusion'] }
  const again = await newFolder()
  const problems = await writePictures(again.folder, run, data, wrong)
  expect(problems).toEqual([expect.stringMatching(/^cannot draw confusion\.png: \S/)])
  expect(again.folder.files).toEqual(['curves.svg', 'curves.png'])
})
