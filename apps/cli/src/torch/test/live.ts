import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DType, loadSafetensors, saveSafetensors, type Tensor } from '@handgrad/tensor'

const script = join(import.meta.dirname, '../../../../../fixtures/live.py')

type Tensors = Record<string, Tensor<DType>>

/** What a command of fixtures/live.py is given. */
interface Question {
  readonly args?: Readonly<Record<string, unknown>>
  readonly tensors?: Tensors
}

/** The tensors that `command` of fixtures/live.py gives; other files it may read and write in `folder`. */
export function ask(folder: string, command: string, { args = {}, tensors = {} }: Question = {}): Tensors {
  const python = process.env['HANDGRAD_PYTHON']
  if (python === undefined) throw new Error('HANDGRAD_PYTHON is not set: run pnpm test:torch')
  writeFileSync(join(folder, 'args.json'), JSON.stringify(args))
  writeFileSync(join(folder, 'in.safetensors'), saveSafetensors(tensors))
  execFileSync(python, [script, command, folder], { stdio: ['ignore', 'inherit', 'inherit'] })
  return loadSafetensors(readFileSync(join(folder, 'out.safetensors')))
}

/** Seeds that no one has seen before; HANDGRAD_SEED names one to see again. */
export function freshSeeds(count: number): number[] {
  const given = process.env['HANDGRAD_SEED']
  return given === undefined ? Array.from({ length: count }, () => randomInt(2 ** 47)) : [Number(given)]
}
