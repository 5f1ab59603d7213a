import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  loadRunState,
  type RunState,
  resolveConfig,
  type TrainConfig,
  type TrainOptions,
} from '@handgrad/trainer'
import { CliError, exitCodes } from '../errors.ts'
import { reason } from '../files.ts'
import { userPath } from '../io.ts'

/** The options that a run may take anew when it goes on. */
const renewable: readonly string[] = ['epochs', 'threads', 'backend', 'turbo']

/**
 * The saved state of the run in a folder.
 * @throws CliError when there is none, or when the file is not one.
 */
export async function readRunState(run: string): Promise<RunState> {
  const path = join(userPath(run), 'state.safetensors')
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'a run has one once its first epoch has ended' : reason(error)
    throw new CliError(`${run} cannot be resumed: no state.safetensors (${why})`, undefined, { cause: error })
  })
  try {
    return loadRunState(bytes)
  } catch (error) {
    throw new CliError(`${path}: ${(error as Error).message}`, undefined, { cause: error })
  }
}

/**
 * The saved config with what was given anew. Threads are this machine's, not those of the one that began: the numbers are
 * the same on any.
 * @throws CliError for an option that the saved run decides.
 */
export function resumedConfig({ config }: RunState, given: TrainOptions): TrainConfig {
  const names = Object.keys(given).filter((name) => given[name as keyof TrainOptions] !== undefined)
  const fixed = names.find((name) => !renewable.includes(name))
  if (fixed !== undefined) {
    const known = `only ${renewable.join(', ')} can change`
    throw new CliError(`${fixed} does not go with --resume: the run has its own; ${known}`, exitCodes.usage)
  }
  return resolveConfig({ ...config, threads: undefined, ...given })
}
