import { type Fixture, proveCase, proveError, type Spec } from '@handgrad/gradcheck'
import { readSafetensors, useBackend } from '@handgrad/tensor'
import { resolveConfig, TrainingRun } from '@handgrad/trainer'
import type { Finding, Request } from './broken-protocol.ts'
import { loadImages } from './images.ts'

/** Cases are proved for at most so many milliseconds. */
const PATIENCE = 20_000

/** Steps that a training run takes. */
const STEPS = 100

const tell = (finding: Finding): void => postMessage(finding)

async function fetchBytes(folder: string, file: string): Promise<Uint8Array> {
  const response = await fetch(`${import.meta.env.BASE_URL}fixtures/${folder}/${file}`)
  if (!response.ok) throw new Error(`${folder}/${file}: HTTP ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}

async function fixtureOf(folder: string): Promise<Fixture> {
  const names = ['cases.json', 'inputs.safetensors', 'golden.safetensors']
  const [cases, inputs, stored] = await Promise.all(names.map((name) => fetchBytes(folder, name)))
  const golden = readSafetensors(stored)
  const { hashes, errors } = golden.metadata ?? {}
  return {
    file: JSON.parse(new TextDecoder().decode(cases)) as Fixture['file'],
    inputs: readSafetensors(inputs).tensors,
    golden: golden.tensors,
    goldenHashes: JSON.parse(hashes ?? '{}') as Record<string, string>,
    torchErrors: JSON.parse(errors ?? '{}') as Record<string, string | null>,
  }
}

/** Proves case after case, in every view, until all are done or patience ends. */
async function check(spec: Spec, folder: string): Promise<void> {
  const fixture = await fixtureOf(folder)
  const seen = new Set<string>()
  const notice = (at: string, problems: readonly { view: string; message: string }[]): void => {
    for (const { view, message } of problems) {
      if (seen.has(view)) continue
      seen.add(view)
      tell({ type: 'problem', view, at, message })
    }
  }
  for (const item of spec.errors) notice(item.name, proveError(spec, item))
  const started = performance.now()
  for (const [i, item] of spec.cases.entries()) {
    notice(item.name, proveCase(spec, item, fixture).problems)
    tell({ type: 'case', looked: i + 1, cases: spec.cases.length })
    if (performance.now() - started > PATIENCE) return
  }
}

/** Trains on the images that ship with the site, a batch at a time. */
async function train(spec: Spec, images: Readonly<Record<string, string>>): Promise<void> {
  const optimizer = spec.name === 'Adam' ? 'adam' : 'sgd'
  const config = resolveConfig({ preset: 'seed', epochs: 1, batchSize: 32, optimizer, seed: 0, threads: 1 })
  let step = 0
  for await (const event of new TrainingRun(config, await loadImages((file) => images[file])).events()) {
    if (event.event !== 'progress') return
    step += 1
    tell({ type: 'step', step, loss: event.loss, accuracy: event.accuracy })
    if (step === STEPS) return
  }
}

/** Answers the page's orders with this program's own library. */
export function serve(spec: Spec, folder: string): void {
  // The mistakes are in the textbook code, so that is what has to run.
  useBackend('reference')
  addEventListener('message', async ({ data }: MessageEvent<Request>) => {
    try {
      await (data.order === 'check' ? check(spec, folder) : train(spec, data.images))
    } catch (error) {
      tell({ type: 'error', message: (error as Error).message })
    }
    tell({ type: 'end', order: data.order })
  })
}
