import { datasets } from '@handgrad/data'
import { backends, platform } from '@handgrad/tensor'
import type { TrainConfig } from './config.ts'
import { models } from './models.ts'
import { isOwnModel } from './own-network.ts'
import { presets } from './presets.ts'

/** The name of a field of {@link TrainConfig}. */
export type FieldName = keyof TrainConfig

/** What a field of the config holds: the one statement that the command line, its help and the checks read. */
export interface Field {
  readonly description: string
  /** The value when neither the user nor the preset says; undefined where every preset says. */
  readonly default: string | number | boolean | null | undefined
  /** What is right, in words: the end of the error message. */
  expected(): string
  allows(value: unknown): boolean
  /** The possible values, where they can be listed. */
  choices?(): readonly string[]
}

function choice(description: string, value: string | undefined, choices: () => readonly string[]): Field {
  return {
    description,
    default: value,
    choices,
    expected: () => `expected ${choices().join(', ')}`,
    allows: (given) => choices().includes(given as string),
  }
}

function whole(description: string, value: number | null | undefined, least: number, most = Infinity): Field {
  const range = most === Infinity ? `${least} or more` : `${least} to ${most}`
  return {
    description,
    default: value,
    expected: () => `expected a whole number, ${range}`,
    allows: (given) =>
      (given === null && value === null) ||
      (Number.isSafeInteger(given) && between(given as number, least, most)),
  }
}

const between = (value: number, least: number, most: number): boolean => value >= least && value <= most

/** Every field of a training config, in the order in which help and `config.json` show them. */
export const fields: { readonly [Name in FieldName]: Field } = {
  preset: choice('recipe to start from', 'default', () => Object.keys(presets)),
  dataset: choice('images to learn', 'mnist', () => datasets.map(({ name }) => name)),
  model: {
    ...choice('network to train, or the module that makes your own', 'seed', () => Object.keys(models)),
    expected: () => `expected ${Object.keys(models).join(', ')}, or the path of a module`,
    allows: (given) => typeof given === 'string' && (Object.hasOwn(models, given) || isOwnModel(given)),
  },
  epochs: whole('passes over the training images', undefined, 1),
  batchSize: whole('images per step', undefined, 1),
  optimizer: choice('rule that moves the parameters', undefined, () => ['sgd', 'adam']),
  lr: {
    description: 'learning rate; the highest one of one-cycle',
    default: undefined,
    expected: () => 'expected a number above 0',
    allows: (given) => Number.isFinite(given) && (given as number) > 0,
  },
  momentum: {
    description: 'momentum of sgd',
    default: undefined,
    expected: () => 'expected a number from 0 to below 1',
    allows: (given) => Number.isFinite(given) && (given as number) >= 0 && (given as number) < 1,
  },
  schedule: choice('how the learning rate moves', undefined, () => ['constant', 'step', 'one-cycle']),
  shift: whole('move training images by up to so many pixels', 0, 0, 14),
  seed: {
    description: 'start of every random draw',
    default: 0,
    expected: () => 'expected a whole number',
    allows: Number.isSafeInteger,
  },
  backend: choice('kernels that compute', backends().at(-1), backends),
  threads: whole('threads that compute, this one included', platform.cores, 1, 256),
  turbo: {
    description: "let V8 join the kernels' vectors to 256 bits (experimental; checked at the start)",
    default: false,
    expected: () => 'expected true or false',
    allows: (given) => typeof given === 'boolean',
  },
  limit: whole('use only the first so many training and test images', null, 2),
  earlyStop: whole(
    'stop after so many epochs without less validation loss, and test the best weights',
    null,
    1,
  ),
}

/** What is wrong with `value` as field `name`, in words, or null when it is right. */
export function checkField(name: FieldName, value: unknown): string | null {
  const field = fields[name]
  return field.allows(value) ? null : field.expected()
}
