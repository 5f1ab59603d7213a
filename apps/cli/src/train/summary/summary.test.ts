import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultGenerator, type Tensor } from '@handgrad/tensor'
import { Confusion, type DoneEvent, type EpochEvent, resolveConfig, TrainingRun } from '@handgrad/trainer'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { idxFiles, writeFiles } from '../../test/idx.ts'
import { recordedChannel } from '../../test/io.ts'
import { loadData, type NamedData } from '../load-data.ts'
import { mostConfused } from './confused.ts'
import { gradientNorms } from './gradient-norms.ts'
import { printSummary, type Summary, summaryFields, summaryOf } from './summary.ts'

afterEach(() => vi.unstubAllEnvs())

let run: TrainingRun
let data: NamedData
beforeAll(async () => {
  const config = resolveConfig({
    dataset: 'fashion-mnist',
    model: 'lenet5',
    preset: 'seed',
    epochs: 2,
    batchSize: 4,
    threads: 1,
  })
  const folder = mkdtempSync(join(tmpdir(), 'handgrad-'))
  data = await loadData(config, writeFiles(folder, idxFiles(20)))
  rmSync(folder, { recursive: true })
  run = new TrainingRun(config, data)
})

test('pairs of classes, the most frequent first, of equals the lower', () => {
  const confusion = new Confusion(3)
  const counts = [
    [9, 2, 5],
    [2, 9, 0],
    [1, 5, 9],
  ]
  for (const [i, row] of counts.entries())
    for (const [j, count] of row.entries()) for (let n = 0; n < count; n++) confusion.add([i], [j])
  const pairs = mostConfused(confusion, ['a', 'b', 'c'], 9)
  expect(pairs.map(({ truth, takenFor, images }) => `${truth}${takenFor}${images}`)).toEqual([
    'ac5',
    'cb5',
    'ab2',
    'ba2',
    'ca1',
  ])
  expect(mostConfused(confusion, ['a', 'b', 'c'])).toEqual(pairs.slice(0, 3))
})

test('gradients of the first batch, as they are by hand; nothing is drawn or left', () => {
  const before = defaultGenerator.getState()
  const norms = gradientNorms(run)
  expect(defaultGenerator.getState()).toEqual(before)
  expect(run.net.parameters().every(({ g }) => g === null)).toBe(true)
  expect(norms.map(({ name, layer }) => [name, layer])).toEqual([
    ['0', 'Conv2d(1→6, 5×5)'],
    ['3', 'Conv2d(6→16, 5×5)'],
    ['7', 'Linear(400→120)'],
    ['9', 'Linear(120→84)'],
    ['11', 'Linear(84→10)'],
  ])
  const byHand = lastTwo()
  expect(norms[4].norm).toBeCloseTo(byHand.last, 6)
  expect(norms[3].norm).toBeCloseTo(byHand.before, 6)
  expect(norms[3].norm).toBeGreaterThan(1e-3)
})

/** The gradients of the last two linear layers for the first four training images. */
function lastTwo(): { last: number; before: number } {
  const { net, training } = run
  const layers = net.flat()
  const [last, before] = [new Map<string, number>(), new Map<string, number>()]
  const add = (to: Map<string, number>, key: string, value: number) => to.set(key, (to.get(key) ?? 0) + value)
  const W = layers[11].parameters()[0].data
  for (let n = 0; n < 4; n++) {
    const [image, label] = training.dataset.get(n)
    let value = image.reshape([1, 1, 28, 28]) as Tensor
    const values = layers.map((layer) => (value = layer.forward(value)))
    const [h8, h10, logits] = [8, 10, 11].map((i) => [...values[i].data])
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0)
    const dy = logits.map((logit, k) => (Math.exp(logit) / sum - (k === label ? 1 : 0)) / 4)
    const dh = h10.map((h, j) => (h > 0 ? dy.reduce((total, d, k) => total + d * W[k * 84 + j], 0) : 0))
    for (const [k, d] of dy.entries()) {
      add(last, `b${k}`, d)
      for (const [j, h] of h10.entries()) add(last, `${k},${j}`, d * h)
    }
    for (const [j, d] of dh.entries()) {
      add(before, `b${j}`, d)
      for (const [i, h] of h8.entries()) add(before, `${j},${i}`, d * h)
    }
  }
  const norm = (gradient: Map<string, number>) => Math.hypot(...gradient.values())
  return { last: norm(last), before: norm(before) }
}

test('frozen parameters have no norm', () => {
  const frozen = run.net.parameters().slice(0, 2)
  for (const parameter of frozen) parameter.requiresGrad = false
  expect(gradientNorms(run)[0].name).toBe('3')
  for (const parameter of frozen) parameter.requiresGrad = true
})

test('of a run: the best of its epochs, what is confused, the gradients', async () => {
  const events = []
  for await (const event of run.events()) events.push(event)
  const done = events.at(-1) as DoneEvent
  const classes = data.description.classes
  const summary = summaryOf(run, classes, done)
  const losses = run.history.map(({ validationLoss }) => validationLoss)
  expect(summary.best).toBe(run.history[losses.indexOf(Math.min(...losses))])
  expect(summary.history).toHaveLength(2)
  expect(summary.mostConfused).toEqual(mostConfused(done.confusion, classes))
  expect(summary.gradientNorms).toHaveLength(5)
  const { epoch, validationLoss, validationAccuracy } = summary.best
  expect(summaryFields(summary)).toEqual({
    best: { epoch, validationLoss, validationAccuracy },
    mostConfused: summary.mostConfused,
    gradientNorms: summary.gradientNorms,
  })
})

const epoch = (n: number, validationLoss: number): EpochEvent => ({
  event: 'epoch',
  epoch: n,
  epochs: 2,
  lr: 0.1,
  trainLoss: 1 / n,
  trainAccuracy: 0,
  validationLoss,
  validationAccuracy: 0.9876,
  seconds: 1,
  imagesPerSecond: 1,
})
const told: Summary = {
  history: [epoch(1, 0.5), epoch(2, 0.25)],
  best: epoch(2, 0.25),
  mostConfused: [
    { truth: '4', takenFor: '9', images: 12 },
    { truth: '7', takenFor: '2', images: 3 },
  ],
  gradientNorms: [
    { name: '0', layer: 'Conv2d(1→8, 3×3)', norm: 0.5 },
    { name: '7', layer: 'Linear(784→10)', norm: 2 },
    { name: '8', layer: 'Linear(10→10)', norm: 0 },
  ],
}

const printed = (summary: Summary, columns = 80, live = false): string[] => {
  const out = recordedChannel(live, columns)
  printSummary(out, summary)
  return out.text.split('\n').slice(0, -1)
}

test('for people: the chart, the best epoch, the pairs, and a bar for each layer', () => {
  const lines = printed(told)
  expect(lines[0]).toBe('')
  expect(lines[1]).toBe('loss: • training  ○ validation  ● both')
  expect(lines.slice(12)).toEqual([
    '',
    'best epoch 2 of 2: validation loss 0.2500, accuracy 98.76 %',
    'most confused: 4 taken for 9 (12), 7 taken for 2 (3)',
    'gradient norms, for the first batch of training images:',
    '  0 Conv2d(1→8, 3×3)  5.00e-1  █████',
    `  7 Linear(784→10)    2.00e+0  ${'█'.repeat(20)}`,
    '  8 Linear(10→10)     0.00e+0',
    '',
  ])
})

test('in ASCII on a dumb terminal, without bars where there is no room, and without what is not there', () => {
  vi.stubEnv('TERM', 'dumb')
  expect(printed(told)[16]).toBe('  0 Conv2d(1→8, 3×3)  5.00e-1  #####')
  const narrow = printed(told, 40, true)
  expect(Math.max(...narrow.map(({ length }) => length))).toBeLessThanOrEqual(40)
  expect(narrow).toContain('  7 Linear(784→10)    2.00e+0')
  // 31 characters and a bar of 20.
  expect(printed(told, 51)[16]).toContain('#')
  expect(printed(told, 50)[16]).not.toContain('#')
  const bare = { ...told, history: told.history.slice(1), mostConfused: [], gradientNorms: [] }
  expect(printed(bare)).toEqual(['', 'best epoch 2 of 1: validation loss 0.2500, accuracy 98.76 %', ''])
})
