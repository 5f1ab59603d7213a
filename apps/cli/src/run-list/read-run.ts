import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bestEpoch, type DoneEvent, type EpochEvent } from '@handgrad/trainer'
import { CliError } from '../errors.ts'
import { reason } from '../files.ts'

/** What a run's folder says of it. */
export interface Run {
  readonly path: string
  /** `config.json`: what the run was asked, and what it was made with. */
  readonly config: Readonly<Record<string, unknown>>
  /** `metrics.jsonl`: its whole epochs, in order. */
  readonly epochs: readonly EpochEvent[]
  /** Null until the test set was read. */
  readonly done: DoneEvent | null
}

type Line = EpochEvent | DoneEvent

/**
 * Reads `config.json` and `metrics.jsonl` of a run's folder.
 * @throws CliError, in one line that names the file, where one is not there or not whole.
 */
export async function readRun(path: string): Promise<Run> {
  const config = parsed(await text(path, 'config.json'), join(path, 'config.json'))
  const file = join(path, 'metrics.jsonl')
  const lines = (await text(path, 'metrics.jsonl', '')).split('\n').filter((line) => line !== '')
  const events = lines.map((line, i) => parsed(line, `${file}, line ${i + 1}`) as unknown as Line)
  return {
    path,
    config,
    epochs: events.filter((event) => event.event === 'epoch'),
    done: events.findLast((event) => event.event === 'done') ?? null,
  }
}

/** The epoch with the lowest loss on the validation part, the first of equals; null before the first. */
export function bestOf({ epochs }: Run): EpochEvent | null {
  return epochs[bestEpoch(epochs) - 1] ?? null
}

/** A run has no metrics before its first epoch: that is `otherwise`. */
async function text(folder: string, name: string, otherwise?: string): Promise<string> {
  try {
    return await readFile(join(folder, name), 'utf8')
  } catch (error) {
    if (otherwise !== undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return otherwise
    throw new CliError(`cannot read ${join(folder, name)}: ${reason(error)}`, undefined, { cause: error })
  }
}

function parsed(json: string, place: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch (error) {
    throw new CliError(`${place}: is not whole (${reason(error)})`, undefined, { cause: error })
  }
  throw new CliError(`${place}: is not an object`)
}
