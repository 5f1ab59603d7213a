import { checkField, type Field, type FieldName, fields, presets, type TrainOptions } from '@handgrad/trainer'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type CheckpointEvery, parseEvery } from './checkpoint-every.ts'
import { type LogName, logNames, parseLogs } from './log/kinds.ts'

/** What a training command takes besides the fields of the config. */
export interface TrainFlags {
  readonly dataDir?: string | undefined
  readonly out?: string | undefined
  readonly resume?: string | undefined
  readonly config?: string | undefined
  readonly init?: string | undefined
  readonly repeat?: number | undefined
  readonly log?: readonly LogName[] | undefined
  readonly checkpointEvery?: CheckpointEvery | undefined
  readonly minAccuracy?: number | undefined
  readonly watch?: boolean | undefined
  readonly json?: boolean | undefined
  readonly quiet?: boolean | undefined
}

/** The word for the value in help, where the field has no list of choices. */
const placeholders: { readonly [Name in FieldName]?: string } = {
  epochs: 'n',
  batchSize: 'n',
  lr: 'rate',
  momentum: 'share',
  shift: 'pixels',
  seed: 'n',
  threads: 'n',
  limit: 'n',
  earlyStop: 'epochs',
}

/** Adds `--<field>` for each field of the training config, checked by the field's own rule. */
export function addTrainOptions(command: Command): void {
  for (const [name, field] of Object.entries(fields) as [FieldName, Field][])
    command.addOption(option(name, field))
  command
    .option(
      '--data-dir <folder>',
      'folder of the four IDX files (default: the MNIST that came with the program)',
    )
    .option('--out <folder>', 'folder for what the run writes; new or empty (default: runs/<model>-<n>)')
    .option('--config <file>', 'start from a config.json, as every run leaves one; options count more')
    .option('--init <weights>', 'start from the weights of a run or of a .safetensors file')
    .option('--resume <run>', 'go on with the run in this folder, behind the last batch that was saved')
    .option('--repeat <n>', 'so many runs, with the seeds from --seed on; their mean and spread', count)
    .addOption(
      new Option('--log <kinds>', 'write the measures in other forms too, several with a comma')
        .choices(logNames)
        .argParser(parseLogs),
    )
    .option(
      '--checkpoint-every <steps>',
      'save within epochs too: after so many steps, or seconds as 30s (default: 60s)',
      parseEvery,
    )
    .option('--min-accuracy <share>', 'end with exit code 3 where the test comes out below, 0 to 1', share)
    .option('--watch', 'show the run in a page on this machine while it trains')
    .option('--json', 'print one JSON object per epoch and one at the end')
    .option('--quiet', 'print the result only')
}

function option(name: FieldName, field: Field): Option {
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  if (typeof field.default === 'boolean') return new Option(flag, field.description)
  const placeholder = placeholders[name] ?? name
  const made = new Option(`${flag} <${placeholder}>`, field.description)
  if (field.choices !== undefined) made.choices(field.choices())
  return made.default(undefined, defaultText(name, field)).argParser((text) => {
    const value = field.choices === undefined ? number(text) : text
    const problem = checkField(name, value)
    if (problem !== null) throw new InvalidArgumentError(problem)
    return value
  })
}

function defaultText(name: FieldName, field: Field): string {
  if (field.default === undefined) return String(presets.default[name as keyof typeof presets.default])
  if (name === 'earlyStop') return 'never'
  return String(field.default ?? 'all')
}

/** A plain decimal number; NaN, which no field allows, for anything else (JavaScript also reads '' and '0x10'). */
const number = (text: string): number =>
  /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN

function count(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('expected a whole number, 1 to 9999')
}

function share(text: string): number {
  const value = number(text)
  if (!(value >= 0 && value <= 1)) throw new InvalidArgumentError('expected a number from 0 to 1')
  return value
}

/** Parsed options in their two parts: the config's fields that were given, and the rest. */
export function splitOptions(options: Readonly<Record<string, unknown>>): {
  given: TrainOptions
  flags: TrainFlags
} {
  const {
    dataDir,
    out,
    resume,
    config,
    init,
    repeat,
    log,
    checkpointEvery,
    minAccuracy,
    watch,
    json,
    quiet,
    ...given
  } = options
  const run = { dataDir, out, resume, config, init, repeat, log }
  return { given, flags: { ...run, checkpointEvery, minAccuracy, watch, json, quiet } as TrainFlags }
}
