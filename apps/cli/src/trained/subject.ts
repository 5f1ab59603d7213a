import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type DatasetDescription, datasets } from '@handgrad/data'
import type { OwnNetwork, RunState } from '@handgrad/trainer'
import { type Command, Option } from 'commander'
import { CliError, exitCodes } from '../errors.ts'
import { type NamedNetwork, readNetwork } from '../export/source.ts'
import { folderContents } from '../files.ts'
import { userPath } from '../io.ts'
import { changedFile, modelOption, namedNetwork } from '../network/own-network.ts'
import { readCheckpoint } from '../train/checkpoints.ts'
import { shownPath } from '../train/run-folder.ts'
import { savedData } from '../train/saved-data.ts'

/** Which trained network is meant, and which data goes with it. */
export interface SubjectOptions {
  readonly model?: string
  readonly dataset?: string
  readonly dataDir?: string
  readonly best?: boolean
}

/** A trained network, and the data that it knows. */
export interface Subject extends NamedNetwork {
  readonly description: DatasetDescription
  /** The folder of the data; undefined where it comes by itself. */
  readonly dataDir: string | undefined
  /** The run's state, where a run is meant. */
  readonly state: RunState | undefined
  /** The user's own network that it is of. */
  readonly network: OwnNetwork | undefined
}

/** Adds the options that say which network and which data is meant. */
export function addSubjectOptions(command: Command): void {
  command
    .addOption(modelOption('which network, where the file does not say, or your own'))
    .addOption(
      new Option(
        '--dataset <name>',
        'images of what; unless told, of what the run was trained on, or mnist',
      ).choices(datasets.map(({ name }) => name)),
    )
    .option('--data-dir <folder>', "folder of the dataset's four IDX files")
    .option('--best', 'the weights of the best epoch (default: those that were tested)')
}

/**
 * The network of a run, a `.safetensors` or an `.onnx` file, with its dataset.
 * @throws CliError when it cannot be read; with the code for usage, when a run is asked for other data than its own.
 */
export async function readSubject(
  given: string,
  { model, dataset, dataDir, best = false }: SubjectOptions,
  note: (text: string) => void,
): Promise<Subject> {
  const path = userPath(given)
  if (model !== undefined && path.endsWith('.onnx'))
    throw new CliError(
      `--model does not go with ${given}: an ONNX file is a network already`,
      exitCodes.usage,
    )
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
  const isRun = !isFile && !/\.(onnx|safetensors)$/.test(path) && (await folderContents(path)) !== null
  if (best && !isRun)
    throw new CliError(`--best goes with a run: ${given} is one file of weights`, exitCodes.usage)
  const named = await namedNetwork(model)
  const own = typeof named === 'object' ? named : undefined
  const found = isRun ? await readCheckpoint(given, { network: own }) : undefined
  for (const text of found?.notes ?? []) note(text)
  const changed = own && found?.state.network && changedFile(own.origin, found.state.network)
  if (changed) note(`${changed} has changed since the run was trained`)
  const network = await readNetwork(isRun ? weightsOf(path, best) : path, named ?? found?.state.config.model)
  for (const text of network.notes) note(`${shownPath(network.path)}: ${text}`)
  const name = found?.state.config.dataset ?? dataset ?? 'mnist'
  if (dataset !== undefined && dataset !== name)
    throw new CliError(`--dataset ${dataset}: the run was trained on ${name}`, exitCodes.usage)
  const saved =
    found === undefined
      ? { dataDir, notes: [] }
      : await savedData(given, found.state, { ...(dataDir && { dataDir }) })
  for (const text of saved.notes) note(text)
  return {
    ...network,
    description: datasets.find((known) => known.name === name)!,
    dataDir: saved.dataDir,
    state: found?.state,
    network: own,
  }
}

/** A run that was killed has no model.safetensors of its own yet: the best epoch's is there. */
function weightsOf(folder: string, best: boolean): string {
  const [tested, of] = ['model', 'best'].map((name) => join(folder, `${name}.safetensors`))
  if (best || !existsSync(tested)) {
    if (existsSync(of)) return of
    throw new CliError(`${shownPath(folder)} has no weights yet: a run writes them after its first epoch`)
  }
  return tested
}
