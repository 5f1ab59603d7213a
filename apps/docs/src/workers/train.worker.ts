import type { ImageDataset } from '@handgrad/data'
import { currentBackend } from '@handgrad/tensor'
import { resolveConfig, type TrainEvent, TrainingRun } from '@handgrad/trainer'
import { loadImages, onSite } from './images.ts'
import { lookAt } from './look.ts'
import type { Look, Report, Request, Subject } from './protocol.ts'
import { Recent } from './recent.ts'
import { lookAtRecorded } from './recorded.ts'
import { measure, normalised, shipped } from './shipped.ts'

/** Filters are sent no more often than this, in milliseconds. */
const FILTERS_EVERY = 250

let run: TrainingRun | null = null
let images: ImageDataset | null = null
let recent = new Recent()
/** The batches that may be computed before the run waits: Infinity while it runs, 0 while it is paused. */
const gate = { allowance: 0, wake: (): void => {} }
/** Counts starts: a run that is not the last one ends. */
let current = 0

const tell = (message: Report): void => postMessage(message)

// A task of its own lets messages in; setTimeout would wait 4 ms each time.
const { port1, port2 } = new MessageChannel()
const breathe = (): Promise<void> =>
  new Promise((resolve) => {
    port1.addEventListener('message', () => resolve(), { once: true })
    port1.start()
    port2.postMessage(null)
  })

function allow(batches: number): void {
  gate.allowance = batches
  gate.wake()
}

async function turn(): Promise<void> {
  await breathe()
  while (gate.allowance <= 0) await new Promise<void>((resolve) => (gate.wake = resolve))
  gate.allowance -= 1
}

async function start({ set, options }: Extract<Request, { type: 'start' }>): Promise<void> {
  const id = ++current
  const data = await loadImages(onSite(set))
  const config = resolveConfig(options)
  run = new TrainingRun(config, data)
  images = data.train
  recent = new Recent()
  const steps = config.epochs * run.training.length
  const { threads } = config
  tell({
    type: 'ready',
    images: data.train.length,
    testImages: data.test.length,
    steps,
    threads,
    backend: currentBackend(),
  })
  sendFilters()
  allow(Infinity)
  await follow(run, () => id === current)
}

async function follow(active: TrainingRun, wanted: () => boolean): Promise<void> {
  let step = 0
  let filtersAt = 0
  for await (const event of active.events()) {
    if (event.event === 'progress' && event.phase === 'train') step += 1
    report(event, step)
    if (performance.now() - filtersAt > FILTERS_EVERY) {
      sendFilters()
      filtersAt = performance.now()
    }
    await turn()
    if (!wanted()) return
  }
}

function report(event: TrainEvent, step: number): void {
  if (event.event === 'progress') {
    const { phase, epoch, batch, imagesPerSecond, secondsLeft } = event
    if (phase === 'train') {
      const { batchSize } = run!.config
      const last = batch === event.batches
      const seen = last ? run!.training.dataset.length : batch * batchSize
      const means = recent.add(event, seen)
      tell({ type: 'point', point: { step, epoch, ...means, imagesPerSecond, secondsLeft } })
    } else tell({ type: 'phase', phase })
  } else if (event.event === 'epoch') {
    const { epoch, epochs, trainLoss, validationLoss, validationAccuracy } = event
    tell({ type: 'epoch', epoch, epochs, step, trainLoss, validationLoss, validationAccuracy })
  } else {
    const { testAccuracy, testLoss, imagesPerSecond, seconds, confusion } = event
    sendFilters()
    tell({ type: 'done', testAccuracy, testLoss, imagesPerSecond, seconds, confusion: [...confusion.counts] })
  }
}

/** The first weight with four axes, if the network has one. */
function sendFilters(): void {
  const weight = run?.net.parameters().find(({ shape }) => shape.length === 4)
  if (weight === undefined) return
  tell({ type: 'filters', weight: { shape: [...weight.shape], data: Float32Array.from(weight.data) } })
}

async function look({ id, subject }: Extract<Request, { type: 'look' }>): Promise<void> {
  tell({ type: 'look', id, look: await lookOf(subject) })
}

async function lookOf(subject: Subject): Promise<Look> {
  if ('recorded' in subject) return lookAtRecorded(subject.recorded)
  if ('grey' in subject) {
    const { net, model } = run === null ? await shipped() : { net: run.net, model: run.config.model }
    return lookAt(net, model, normalised(subject.grey), null)
  }
  if (run === null) throw new Error('start a run first: there is no network yet')
  const [x, label] = images!.get(subject.index)
  return lookAt(run.net, run.config.model, x.reshape([1, 1, 28, 28]), label)
}

const answers: { [Type in Request['type']]: (request: Extract<Request, { type: Type }>) => unknown } = {
  start,
  look,
  measure: async () => tell({ type: 'measured', ...(await measure()) }),
  pause: () => (gate.allowance = 0),
  resume: () => allow(Infinity),
  step: () => allow(1),
  stop() {
    current += 1
    allow(Infinity)
  },
}

addEventListener('message', async ({ data }: MessageEvent<Request>) => {
  try {
    await answers[data.type](data as never)
  } catch (error) {
    tell({ type: 'error', message: (error as Error).message })
  }
})
