import { readFileSync } from 'node:fs'
import { type DType, loadSafetensors, type Tensor } from '../src/index.ts'

const file = new URL('../../../fixtures/tensor/golden.safetensors', import.meta.url)
const record = loadSafetensors(readFileSync(file))

/** A value of fixtures/tensor that torch computed, by its name in the exporter. */
export function golden<D extends DType = 'float32'>(name: string): Tensor<D> {
  const value = record[name]
  if (value === undefined) throw new Error(`fixtures/tensor has no '${name}'; run fixtures/tensor/export.py`)
  return value as unknown as Tensor<D>
}

/** The names of all values under a folder of names. */
export function goldenNames(folder: string): string[] {
  return Object.keys(record).filter((name) => name.startsWith(`${folder}/`))
}
