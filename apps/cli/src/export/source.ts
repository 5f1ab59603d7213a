import { readFileSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import type { Sequential } from '@handgrad/layers'
import { readSafetensors } from '@handgrad/tensor'
import { models, type OwnNetwork } from '@handgrad/trainer'
import { CliError, exitCodes } from '../errors.ts'
import { reason } from '../files.ts'
import { shownPath } from '../train/run-folder.ts'

/** A trained network from a file, and the name of its model where it has one. */
export interface NamedNetwork {
  readonly net: Sequential
  readonly model: string | null
  /** The file that was read. */
  readonly path: string
  /** What one should know of it. */
  readonly notes: readonly string[]
}

/** The extents of one image of the datasets that the models are for. */
export const imageShape: readonly number[] = [1, 28, 28]

/**
 * The network of a run folder, a `.safetensors` file or an `.onnx` file; `given` names the model where the file does not, or is
 * the user's own.
 * @throws CliError when the file is missing, malformed or another model's; with the code for usage, when no one says
 * which model it is.
 */
export async function readNetwork(
  path: string,
  given: string | OwnNetwork | undefined,
): Promise<NamedNetwork> {
  if (await isFolder(path)) return readWeights(join(path, 'model.safetensors'), given)
  return path.endsWith('.onnx') ? readOnnx(path) : readWeights(path, given)
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    // mutant: dropped statement is equivalent because reading it fails in the same words
    throw new CliError(`cannot read ${shownPath(path)}: ${reason(error)}`, undefined, { cause: error })
  }
}

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new CliError(`cannot read ${shownPath(path)}: ${reason(error)}`, undefined, { cause: error })
  }
}

async function readOnnx(path: string): Promise<NamedNetwork> {
  const { readOnnx: read } = await import('../onnx/read.ts')
  const bytes = await bytesOf(path)
  const { net, notes } = inFile(path, () => read(bytes, filesBeside(path)))
  return { path, model: null, net, notes }
}

/** The files that a model names for its weights: beside it or below, whatever the model says. */
function filesBeside(path: string): (location: string) => Uint8Array {
  const known = new Map<string, Uint8Array>()
  return (location) => {
    if (location === '' || isAbsolute(location) || location.split(/[/\\]/).includes('..'))
      throw new Error('expected a file beside the model')
    const found = known.get(location) ?? contentOf(join(dirname(path), location))
    known.set(location, found)
    return found
  }
}

function contentOf(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new Error(reason(error), { cause: error })
  }
}

async function readWeights(path: string, given: string | OwnNetwork | undefined): Promise<NamedNetwork> {
  const bytes = await bytesOf(path)
  const { tensors, metadata } = inFile(path, () => readSafetensors(bytes))
  if (typeof given === 'object') {
    const net = inFile(path, () => given.make().loadStateDict(tensors))
    return { path, model: metadata?.['model'] ?? null, net, notes: [] }
  }
  const model = given ?? metadata?.['model']
  // mutant: logical `model === undefined || !Object.hasOwn(models, model)` → `(!Object.hasOwn(models, model))` is equivalent because no model is named undefined
  if (model === undefined || !Object.hasOwn(models, model)) {
    const what =
      model === undefined ? 'does not say which model it is' : `has the model ${JSON.stringify(model)}`
    const choices = Object.keys(models).join(', ')
    throw new CliError(`${shownPath(path)} ${what}: name it with --model (${choices})`, exitCodes.usage)
  }
  return { path, model, net: inFile(path, () => models[model]().loadStateDict(tensors)), notes: [] }
}

/** Names the file in what went wrong with its content. */
function inFile<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const problem = (error as Error).message
    throw new CliError(`${shownPath(path)}: ${problem}`, undefined, { cause: error })
  }
}
