import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { type DType, type FloatDType, loadSafetensors, type Tensor } from '@handgrad/tensor'
import { CliError } from '../errors.ts'
import { reason } from '../files.ts'
import type { TorchObject, TorchOptimizer } from '../torch/build.ts'

/** The version of the folder's format that is read here: `FORMAT` of fixtures/record.py. */
const FORMAT = 1

/** `run.json`: what was trained in PyTorch, and how. fixtures/record.py says what each member is. */
export interface RunDescription {
  readonly format: number
  readonly torch: string
  readonly cpu: string
  readonly dtype: FloatDType
  readonly model: readonly (TorchObject & { readonly name: string })[]
  readonly criterion: TorchObject
  readonly optimizer: TorchOptimizer
  readonly steps: number
  /** The steps at which tensors were recorded. */
  readonly at: readonly number[]
  /** Their names, in the order of the rows of `<t>/stats`. */
  readonly tensors: readonly string[]
  /** The batches are in the file, or drawn from a dataset by the seed; null where they were not recorded. */
  readonly data: 'stored' | null | { readonly dataset: string; readonly batchSize: number }
  readonly seed?: number
  /** For how many steps PyTorch's own float32 and float64 runs agree in the loss to 1e-5. */
  readonly horizon?: number
}

/** A recorded run. */
export interface RunRecord {
  readonly about: RunDescription
  readonly tensors: Readonly<Record<string, Tensor<DType>>>
}

async function read(folder: string, names: readonly string[]): Promise<[name: string, bytes: Uint8Array]> {
  for (const name of names) {
    try {
      return [name, await readFile(join(folder, name))]
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT') throw new CliError(`cannot read ${join(folder, name)}: ${reason(error)}`)
    }
  }
  throw new CliError(`${folder} has no ${names[0]}: name a folder that fixtures/record.py wrote`)
}

function parse(text: string, path: string): RunDescription {
  try {
    const about = JSON.parse(text) as RunDescription
    if (about.format === FORMAT) return about
    throw new Error(`its format is ${about.format}, expected ${FORMAT}`)
  } catch (error) {
    throw new CliError(`${path} is not the description of a run: ${(error as Error).message}`)
  }
}

/**
 * Reads a folder that fixtures/record.py wrote; `record.safetensors` may be gzipped.
 * @throws CliError when a file is missing or malformed.
 */
export async function readRecord(folder: string): Promise<RunRecord> {
  const [, text] = await read(folder, ['run.json'])
  const about = parse(new TextDecoder().decode(text), join(folder, 'run.json'))
  const [name, packed] = await read(folder, ['record.safetensors', 'record.safetensors.gz'])
  const bytes = name.endsWith('.gz') ? await promisify(gunzip)(packed) : packed
  return { about, tensors: loadSafetensors(bytes) }
}

/** One tensor of a record. */
export function recorded({ tensors }: RunRecord, key: string): Tensor<DType> {
  const found = tensors[key]
  if (found === undefined) throw new CliError(`the record has no ${key}`)
  return found
}

/** One number of a series: `losses`, `lr` or `momentum`. */
export function recordedNumber(record: RunRecord, series: string, step: number): number {
  return Number(recorded(record, series).data[step])
}

/** Whether the whole state before step `t` is there. */
export function hasState({ about, tensors }: RunRecord, t: number): boolean {
  return about.at.includes(t) && Object.keys(tensors).some((key) => key.startsWith(`${t}/state.`))
}

/** Row `row` of `<t>/stats`: sum, norm, smallest, largest element, and PyTorch's own error against its float64. */
export function statsOfRecord(record: RunRecord, t: number, row: number): Float64Array {
  const { data, shape } = recorded(record, `${t}/stats`)
  return data.slice(row * shape[1], (row + 1) * shape[1]) as Float64Array
}
