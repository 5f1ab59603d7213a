import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TrainOptions } from '@handgrad/trainer'
import { CliError } from '../../errors.ts'
import { reason } from '../../files.ts'
import { configFrom } from '../config-file.ts'
import type { LogName } from '../log/kinds.ts'
import { shownPath } from '../run-folder.ts'

/** The file that makes a folder one of several runs. */
export const PLAN = 'repeat.json'

/** What several runs have in common, and their seeds: enough to begin those that have not begun. */
export interface Plan {
  readonly seeds: readonly number[]
  /** Of all of them: the config but for the seed, and what else was asked. */
  readonly options: TrainOptions
  readonly dataDir?: string | undefined
  readonly init?: string | undefined
  readonly log?: readonly LogName[] | undefined
}

/** The seeds from the first on. @throws RangeError where they are no whole numbers any more. */
export function seedsFrom(first: number, count: number): number[] {
  const seeds = Array.from({ length: count }, (_, i) => first + i)
  if (!Number.isSafeInteger(seeds[count - 1])) throw new RangeError(`seeds from ${first} on: too large`)
  return seeds
}

/** The folder of a run within that of several. */
export const folderOf = (folder: string, seed: number): string => join(folder, `seed-${seed}`)

/** The plan as a file: a `config.json`, and the seeds. */
export function planText({ seeds, options, ...rest }: Plan): string {
  return `${JSON.stringify({ seeds, ...options, seed: undefined, ...rest }, null, 2)}\n`
}

/**
 * The plan in a folder of several runs; null for any other folder.
 * @throws CliError where it is damaged.
 */
export async function readPlan(folder: string): Promise<Plan | null> {
  const path = join(folder, PLAN)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
    throw new CliError(`cannot read ${shownPath(path)}: ${reason(error)}`, undefined, { cause: error })
  })
  return text === null ? null : planFrom(text, path)
}

/** The same of its text. */
export function planFrom(text: string, path: string): Plan {
  const refuse = (problem: string, cause?: unknown): never => {
    throw new CliError(`${shownPath(path)} ${problem}`, undefined, { cause })
  }
  const parsed = ((): Record<string, unknown> => {
    try {
      return { ...(JSON.parse(text) as object) }
    } catch (error) {
      return refuse('is damaged: it is no JSON', error)
    }
  })()
  const { seeds, init, ...config } = parsed
  if (!Array.isArray(seeds) || seeds.length === 0 || !seeds.every(Number.isSafeInteger))
    return refuse('is damaged: it has no list of seeds')
  if (init !== undefined && typeof init !== 'string') return refuse('is damaged: init is no path')
  try {
    const { options, dataDir, log } = configFrom(JSON.stringify(config), path)
    return { seeds: seeds as number[], options, dataDir, init, log }
  } catch (error) {
    return refuse(`is damaged: ${(error as Error).message}`, error)
  }
}
