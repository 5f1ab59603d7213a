import { Confusion, type DoneEvent, type EpochEvent, type ProgressEvent } from '@handgrad/trainer'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Io } from '../io.ts'
import { recordedChannel } from '../test/io.ts'
import { newReporter, resumeCommand } from './reporter.ts'
import type { RunFolder } from './run-folder.ts'
import type { Summary } from './summary/summary.ts'

beforeEach(() => void vi.stubEnv('INIT_CWD', '/home/ada'))
afterEach(() => void vi.unstubAllEnvs())

const progress: ProgressEvent = {
  event: 'progress',
  phase: 'train',
  epoch: 1,
  epochs: 12,
  batch: 3,
  batches: 9,
  loss: 1.5,
  accuracy: 0.25,
  imagesPerSecond: 1000,
  secondsLeft: 61,
}
const epoch: EpochEvent = {
  event: 'epoch',
  epoch: 1,
  epochs: 12,
  lr: 0.05,
  trainLoss: 1.11111,
  trainAccuracy: 0.2222,
  validationLoss: 3.33333,
  validationAccuracy: 0.4444,
  seconds: 5.55,
  imagesPerSecond: 66_666.6,
}
const done: DoneEvent = {
  event: 'done',
  testAccuracy: 0.77777,
  testLoss: 0.88888,
  imagesPerSecond: 99_999,
  seconds: 10,
  confusion: new Confusion(2),
}
const folder: RunFolder = {
  path: '/home/ada/runs/seed-1',
  files: ['config.json', 'curves.png'],
  write: async () => {},
  extend: async () => {},
  remove: async () => {},
  discard: async () => {},
  close: async () => {},
}

const summary: Summary = {
  history: [epoch],
  best: epoch,
  mostConfused: [{ truth: '4', takenFor: '9', images: 12 }],
  gradientNorms: [{ name: '7', layer: 'Linear(4→2)', norm: 2 }],
}

/** All that a run says, with both streams in one order: `out` and `err` before each piece. */
function told(flags: { json?: boolean; quiet?: boolean }, live: boolean, failure?: Error): string[] {
  const pieces: string[] = []
  const channel = (name: string) => ({
    ...recordedChannel(live),
    style: (_: unknown, text: string) => text,
    write: (text: string) => void pieces.push(`${name} ${text}`),
    line: (text = '') => void pieces.push(`${name} ${text}\n`),
  })
  const io: Io = { out: { ...channel('out'), failure }, err: channel('err') }
  const reporter = newReporter(io, flags)
  reporter.event(progress)
  reporter.event(epoch)
  reporter.event({ ...epoch, epoch: 2 })
  reporter.note('a word')
  reporter.event(progress)
  reporter.event(done)
  reporter.result(done, folder, summary)
  reporter.written(done, folder)
  reporter.stopped(3, folder, resumeCommand(folder))
  return pieces
}

const CLEAR = '\r\u001b[K'
const LINE = `err ${CLEAR}epoch 1/12  batch 3/9  loss 1.5000  acc 25.00 %  1,000 images/s  1:01 left`
const cleared = `err ${CLEAR}`
const jsonEpoch = JSON.stringify(epoch)
const jsonDone =
  '{"event":"done","testAccuracy":0.77777,"testLoss":0.88888,"imagesPerSecond":99999,"run":"/home/ada/runs/seed-1"}'
const jsonSummary = jsonDone.replace(
  '}',
  ',"best":{"epoch":1,"validationLoss":3.33333,"validationAccuracy":0.4444},"mostConfused":[{"truth":"4","takenFor":"9","images":12}],"gradientNorms":[{"name":"7","layer":"Linear(4→2)","norm":2}]}',
)
const jsonStopped =
  '{"event":"stopped","epoch":3,"run":"/home/ada/runs/seed-1","resume":"handgrad train --resume runs/seed-1"}'
const head = '    epoch  train loss  train acc   val loss    val acc    seconds   images/s'
const row = '     1/12      1.1111    22.22 %     3.3333    44.44 %        5.5     66,667'
const written = ['out written:\n', 'out   runs/seed-1/config.json\n', 'out   runs/seed-1/curves.png\n']
const result = 'out test accuracy 77.78 %, test loss 0.8889, trained at 99,999 images/s\n'
const stopped = [
  'err stopped in epoch 3; the test set was not read\n',
  'err go on with: handgrad train --resume runs/seed-1\n',
]

test('for people: a live line, a table under one header, the result, and where all is', () => {
  expect(told({}, true)).toEqual([
    LINE,
    cleared,
    `out ${head}\n`,
    `out ${row}\n`,
    `out ${row.replace(' 1/12', ' 2/12')}\n`,
    'err note: a word\n',
    LINE,
    cleared,
    result,
    'out \n',
    'out best epoch 1 of 1: validation loss 3.3333, accuracy 44.44 %\n',
    'out most confused: 4 taken for 9 (12)\n',
    'out gradient norms, for the first batch of training images:\n',
    `out   7 Linear(4→2)  2.00e+0  ${'█'.repeat(20)}\n`,
    'out \n',
    ...written,
    ...stopped,
    ...written,
  ])
})

test('quiet: the result only', () => {
  expect(told({ quiet: true }, true)).toEqual([result, ...written, ...stopped, ...written])
})

test('JSON: an object per epoch and at the end; the live line is taken away before each', () => {
  expect(told({ json: true }, true)).toEqual([
    LINE,
    cleared,
    `out ${jsonEpoch}\n`,
    `out ${jsonEpoch.replace('"epoch":1', '"epoch":2')}\n`,
    'err note: a word\n',
    LINE,
    cleared,
    `out ${jsonSummary}\n`,
    `out ${jsonStopped}\n`,
  ])
})

test('what stdout could not take is on stderr', () => {
  const full = new Error('ENOSPC: no space left on device, write')
  expect(told({ quiet: true }, false, full)).toEqual([
    result,
    ...written,
    result.replace('out', 'err'),
    ...stopped,
    ...written,
  ])
  expect(told({ quiet: true, json: true }, false, full)).toContain(`err ${jsonDone}\n`)
  expect(told({ quiet: true, json: true }, false)).not.toContain(`err ${jsonDone}\n`)
})

test.each([{}, { json: true }])('with %j a run that is stopped takes the live line away first', (flags) => {
  const err = recordedChannel(true)
  const reporter = newReporter({ out: recordedChannel(), err }, flags)
  reporter.event(progress)
  reporter.stopped(3, folder, resumeCommand(folder))
  expect(err.text).toBe(
    `${LINE.slice(4)}${CLEAR}${'json' in flags ? '' : stopped.map((line) => line.slice(4)).join('')}`,
  )
})

test('the header and the accuracy are set apart where there are styles', () => {
  const out = recordedChannel()
  const reporter = newReporter({ out, err: recordedChannel() }, {})
  reporter.event(epoch)
  reporter.result(done, folder)
  expect(out.text).toContain(`<dim>${head}</>\n`)
  expect(out.text).toContain('<bold>test accuracy 77.78 %</>, test loss')
})

test('a narrow terminal has the columns that matter, and no line is wider', () => {
  const recorded = recordedChannel(true, 40)
  const out = {
    ...recorded,
    line: (text = '') => recorded.line(text),
    style: (_: unknown, text: string) => text,
  }
  const reporter = newReporter({ out, err: recordedChannel() }, {})
  reporter.event(epoch)
  reporter.result({ ...done, bestEpoch: 1 }, folder)
  const lines = recorded.text.split('\n')
  expect(lines[0]).toBe('    epoch   val loss    val acc')
  expect(lines[1]).toBe('     1/12     3.3333    44.44 %')
  expect(lines.slice(2)).toEqual([
    'test accuracy 77.78 % with the weights',
    'of epoch 1, the best, test loss 0.8889,',
    'trained at 99,999 images/s',
    '',
  ])
})
