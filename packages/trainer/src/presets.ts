import type { OptimizerName, PresetName, ScheduleName } from './config.ts'
import { presetFiles } from './preset-files.ts'

/** A recipe that was tuned on the validation part, in `presets/<name>.json`. */
export interface Preset {
  readonly description: string
  readonly epochs: number
  readonly batchSize: number
  readonly optimizer: OptimizerName
  readonly lr: number
  readonly momentum: number
  readonly schedule: ScheduleName
  readonly shift?: number
}

/** All presets by name. */
export const presets: Readonly<Record<PresetName, Preset>> = {
  default: presetFiles.default,
  seed: presetFiles.seed,
  fast: presetFiles.fast,
  accurate: presetFiles.accurate,
}
