import { saveSafetensors } from '@handgrad/tensor'
import type { DoneEvent, EpochEvent, TrainingRun } from '@handgrad/trainer'
import { CliError, oneLine } from '../errors.ts'
import { modelName } from '../network/own-network.ts'
import { percent } from './format.ts'
import type { NamedData } from './load-data.ts'
import type { LogName } from './log/kinds.ts'
import { provenance } from './provenance.ts'
import type { RunFolder } from './run-folder.ts'

/** What `config.json` says beside the config, where it is so. */
export interface Asked {
  /** The file of the first weights. */
  readonly init?: string | undefined
  readonly log?: readonly LogName[] | undefined
}

/** `config.json`: the resolved config, what else was asked, the data and the sizes of its three parts, and what the run was made with. */
export async function writeConfig(
  folder: RunFolder,
  run: TrainingRun,
  { origin }: NamedData,
  { init, log = [] }: Asked = {},
): Promise<void> {
  const data = { dataDir: origin.folder, dataDigest: origin.digest, images: run.images }
  const network = run.networkOrigin && { network: run.networkOrigin }
  const asked = { ...(init !== undefined && { init }), ...(log.length > 0 && { log }) }
  const config = { ...run.config, ...data, ...asked, ...network, ...(await provenance()) }
  await folder.write('config.json', `${JSON.stringify(config, null, 2)}\n`)
}

/** `metrics.jsonl`: the same objects that `--json` prints, without the path and the summary. */
export async function writeMetrics(
  folder: RunFolder,
  events: readonly (EpochEvent | DoneEvent)[],
): Promise<void> {
  const lines = events.map((event) => (event.event === 'done' ? { ...event, confusion: undefined } : event))
  await folder.write('metrics.jsonl', lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}

/** `model.safetensors`, the weights that were tested, with the names and shapes of the same `torch.nn.Sequential`. */
export async function writeModel(folder: RunFolder, run: TrainingRun, done: DoneEvent | null): Promise<void> {
  // Python's loaders ask for the format: the layout of the tensors is PyTorch's.
  const metadata = {
    format: 'pt',
    model: modelName(run.config.model),
    epochs: String(done?.bestEpoch ?? run.history.length),
  }
  await folder.write('model.safetensors', saveSafetensors(run.net.stateDict(), metadata))
}

/** `best.safetensors`: the same of the epoch with the least loss in validation. */
export async function writeBest(folder: RunFolder, { best, config, history }: TrainingRun): Promise<void> {
  if (best === null) return
  const { epoch, model } = best
  const loss = String(history[epoch - 1].validationLoss)
  const metadata = {
    format: 'pt',
    model: modelName(config.model),
    epochs: String(epoch),
    validationLoss: loss,
  }
  await folder.write('best.safetensors', saveSafetensors(model, metadata))
}

/**
 * `curves.svg`, `curves.png` and, after the test, `confusion.png`; each costs nothing but itself.
 * @returns what is wrong with those that could not be drawn or written, in words.
 */
export async function writePictures(
  folder: RunFolder,
  run: TrainingRun,
  data: NamedData,
  done: DoneEvent | null,
): Promise<string[]> {
  const problems: string[] = []
  const put = async <T extends string | Uint8Array>(name: string, draw: () => Promise<T>): Promise<void> => {
    try {
      await folder.write(name, await draw())
    } catch (error) {
      problems.push(error instanceof CliError ? error.message : `cannot draw ${name}: ${oneLine(error)}`)
    }
  }
  if (run.history.length > 0) {
    await put('curves.svg', () => curves(run, data))
    await put('curves.png', async () => png(await curves(run, data)))
  }
  if (done !== null) await put('confusion.png', async () => png(await confusion(run, data, done)))
  return problems
}

// The plotting libraries take a while to load: only here, when the training is over.
async function png(svg: string): Promise<Uint8Array> {
  const { toPng } = await import('../plots/png.ts')
  return toPng(svg)
}

async function curves({ config, history }: TrainingRun, { description }: NamedData): Promise<string> {
  const { curvesSvg } = await import('../plots/curves.ts')
  const { model, preset, seed } = config
  return curvesSvg(history, `${modelName(model)} on ${description.title}, ${preset} preset, seed ${seed}`)
}

async function confusion(
  { config }: TrainingRun,
  { description }: NamedData,
  { confusion: counts, testAccuracy }: DoneEvent,
): Promise<string> {
  const { confusionSvg } = await import('../plots/confusion.ts')
  const { title, classes } = description
  const caption = `${modelName(config.model)} on ${title}: test accuracy ${percent(testAccuracy)}`
  return confusionSvg(counts, classes, caption)
}
