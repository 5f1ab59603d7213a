import {
  isOwnModel,
  type RunState,
  resolveConfig,
  type TrainConfig,
  type TrainOptions,
} from '@handgrad/trainer'
import { CliError, exitCodes } from '../errors.ts'

/** The options that a run may take anew when it goes on. */
export const renewable: readonly string[] = ['epochs', 'threads', 'backend', 'turbo']

/**
 * The saved config with what was given anew. Threads are this machine's, not those of the one that began: the numbers are
 * the same on any.
 * @throws CliError for an option that the saved run decides.
 */
export function resumedConfig({ config }: RunState, given: TrainOptions): TrainConfig {
  // A module may have moved: what it makes is compared.
  const isMoved = given.model !== undefined && isOwnModel(config.model) && isOwnModel(given.model)
  const names = Object.keys(given).filter(
    (name) => given[name as keyof TrainOptions] !== undefined && !(name === 'model' && isMoved),
  )
  const fixed = names.find((name) => !renewable.includes(name))
  if (fixed !== undefined) {
    const known = `only ${renewable.join(', ')} can change`
    throw new CliError(`${fixed} does not go with --resume: the run has its own; ${known}`, exitCodes.usage)
  }
  return resolveConfig({ ...config, threads: undefined, ...given })
}
