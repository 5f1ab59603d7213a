import { saveSafetensors } from '@handgrad/tensor'
import { type DoneEvent, type EpochEvent, saveRunState, type TrainingRun } from '@handgrad/trainer'
import { percent } from './format.ts'
import type { NamedData } from './load-data.ts'
import { provenance } from './provenance.ts'
import type { RunFolder } from './run-folder.ts'

/** `config.json`: the resolved config, the data and the sizes of its three parts, and what the run was made with. */
export async function writeConfig(folder: RunFolder, run: TrainingRun, { origin }: NamedData): Promise<void> {
  const data = { dataDir: origin.folder, dataDigest: origin.digest, images: run.images }
  const config = { ...run.config, ...data, ...(await provenance()) }
  await folder.write('config.json', `${JSON.stringify(config, null, 2)}\n`)
}

/** `metrics.jsonl`: the same objects that `--json` prints, without the path. */
export async function writeMetrics(
  folder: RunFolder,
  events: readonly (EpochEvent | DoneEvent)[],
): Promise<void> {
  const lines = events.map((event) => (event.event === 'done' ? { ...event, confusion: undefined } : event))
  await folder.write('metrics.jsonl', lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}

/** `model.safetensors`, with the names and shapes of the same `torch.nn.Sequential`. */
export async function writeModel(folder: RunFolder, run: TrainingRun): Promise<void> {
  // Python's loaders ask for the format: the layout of the tensors is PyTorch's.
  const metadata = { format: 'pt', model: run.config.model, epochs: String(run.history.length) }
  await folder.write('model.safetensors', saveSafetensors(run.net.stateDict(), metadata))
}

/** `state.safetensors`: all that the run is between two epochs, to resume it here or in PyTorch. */
export async function writeState(folder: RunFolder, run: TrainingRun): Promise<void> {
  await folder.write('state.safetensors', saveRunState(run.state()))
}

/** `curves.svg` and `curves.png`. */
export async function writeCurves(folder: RunFolder, run: TrainingRun, data: NamedData): Promise<void> {
  if (run.history.length === 0) return
  // The plotting libraries take a while to load: only here, when the training is over.
  const [{ curvesSvg }, { toPng }] = await Promise.all([
    import('../plots/curves.ts'),
    import('../plots/png.ts'),
  ])
  const { model, preset, seed } = run.config
  const svg = curvesSvg(run.history, `${model} on ${data.description.title}, ${preset} preset, seed ${seed}`)
  await folder.write('curves.svg', svg)
  await folder.write('curves.png', toPng(svg))
}

/** `confusion.png`. */
export async function writeConfusion(
  folder: RunFolder,
  run: TrainingRun,
  data: NamedData,
  { confusion, testAccuracy }: DoneEvent,
): Promise<void> {
  const [{ confusionSvg }, { toPng }] = await Promise.all([
    import('../plots/confusion.ts'),
    import('../plots/png.ts'),
  ])
  const { title, classes } = data.description
  const caption = `${run.config.model} on ${title}: test accuracy ${percent(testAccuracy)}`
  await folder.write('confusion.png', toPng(confusionSvg(confusion, classes, caption)))
}
