import { describeValue } from '@handgrad/tensor'
import type { OptimizerName, PresetName, TrainConfig, TrainOptions } from './config.ts'
import { checkField, type FieldName, fields } from './fields.ts'
import { presets } from './presets.ts'

/** A field of the config that holds something it cannot hold. */
export class ConfigError extends RangeError {
  override readonly name = 'ConfigError'
  readonly field: FieldName

  constructor(field: FieldName, message: string) {
    super(message)
    this.field = field
  }
}

/** torch's own default of each optimizer, which counts when the user leaves the preset's optimizer. */
const ownLr: Record<OptimizerName, number> = { sgd: 0.1, adam: 0.001 }

/**
 * The whole config of a run: `options` over the preset over the defaults.
 * @throws ConfigError naming the field, what came and what was expected; TypeError for what is no object, or has other fields.
 */
export function resolveConfig(options: TrainOptions = {}): TrainConfig {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new TypeError(
      `resolveConfig: the options are ${describeValue(options)}, expected an object of fields`,
    )
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const preset = check('preset', given['preset'] ?? fields.preset.default) as PresetName
  const { description: _, ...recipe } = presets[preset]
  const config = { ...defaults(), ...recipe, preset, ...given } as TrainConfig
  for (const name of Object.keys(given)) {
    if (!(name in fields)) throw new TypeError(`unknown field '${name}' in a training config`)
  }
  for (const name of Object.keys(fields) as FieldName[]) check(name, config[name])
  return followOptimizer(config, recipe.optimizer, given)
}

/** Another optimizer than the preset's does not inherit that one's learning rate or momentum. */
function followOptimizer(config: TrainConfig, presetOptimizer: string, given: TrainOptions): TrainConfig {
  const moved = config.optimizer !== presetOptimizer
  const lr = moved && given.lr === undefined ? ownLr[config.optimizer] : config.lr
  if (config.optimizer !== 'adam') return { ...config, lr }
  if (given.momentum) {
    throw new ConfigError('momentum', `momentum ${given.momentum} goes with optimizer sgd, not with adam`)
  }
  return { ...config, lr, momentum: 0 }
}

function defaults(): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.default]))
}

function check(name: FieldName, value: unknown): unknown {
  const problem = checkField(name, value)
  if (problem !== null) throw new ConfigError(name, `${name} is ${format(value)}: ${problem}`)
  return value
}

const format = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : String(value))
