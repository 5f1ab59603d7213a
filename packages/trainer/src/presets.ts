import type { OptimizerName, PresetName, ScheduleName } from './config.ts'
import accuratePreset from './presets/accurate.json' with { type: 'json' }
import defaultPreset from './presets/default.json' with { type: 'json' }
import fastPreset from './presets/fast.json' with { type: 'json' }
import seedPreset from './presets/seed.json' with { type: 'json' }

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
  default: defaultPreset as Preset,
  seed: seedPreset as Preset,
  fast: fastPreset as Preset,
  accurate: accuratePreset as Preset,
}
