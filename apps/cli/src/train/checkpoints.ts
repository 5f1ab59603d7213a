import { readFile, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  isOwnModel,
  loadRunState,
  makerOf,
  type OwnNetwork,
  type RunState,
  RunStateError,
  saveRunState,
} from '@handgrad/trainer'
import { CliError, exitCodes } from '../errors.ts'
import { reason } from '../files.ts'
import { userPath } from '../io.ts'
import { changedFile, modelName } from '../network/own-network.ts'
import { type RunFolder, shownPath } from './run-folder.ts'

/** The state at an epoch's end, which PyTorch goes on with too, and the one within an epoch. */
const names = { between: 'state.safetensors', within: 'checkpoint.safetensors' } as const

/** What a checkpoint is called once a newer one has taken its place. */
const formerOf = (name: string): string => name.replace(/\.safetensors$/, '.before.safetensors')

const all: readonly string[] = [names.within, names.between].flatMap((name) => [name, formerOf(name)])

/** Whether a file of that name is one. */
export const isCheckpoint = (name: string): boolean => all.includes(name)

/** The names of checkpoints that are there and whole: only those may become the one before. */
type Whole = ReadonlySet<string>

/** Writes the checkpoints of one run. */
export interface Checkpoints {
  /** Saves a state, and keeps the one before it. */
  readonly save: (state: RunState) => Promise<void>
  /** Removes those within an epoch, which has ended. */
  readonly tidy: () => Promise<void>
}

/**
 * The checkpoints of a run that writes into `folder`, of which those in `whole` are there already. A damaged one never
 * takes the place of the one before it.
 */
export function newCheckpoints(folder: RunFolder, whole: Whole = new Set()): Checkpoints {
  const good = new Set(whole)
  const tidy = async (): Promise<void> => {
    for (const name of [formerOf(names.within), names.within]) {
      await folder.remove(name)
      good.delete(name)
    }
  }
  return {
    tidy,
    async save(state) {
      const name = state.within === undefined ? names.between : names.within
      const former = formerOf(name)
      const bytes = saveRunState(state)
      if (good.has(name)) good.add(former)
      await folder.write(name, bytes, good.has(name) ? former : undefined)
      good.add(name)
      if (name === names.between) await tidy()
    },
  }
}

/** @throws CliError when the file system of `folder` has not room for a run that saves this state. */
export async function checkRoom(folder: string, state: RunState): Promise<void> {
  // The last and the one before of both kinds, a temporary one, and the best and last weights.
  const needed = 7 * saveRunState(state).length
  const room = await statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => Infinity,
  )
  if (room >= needed) return
  const [wanted, there] = [needed, room].map((bytes) => `${(bytes / 2 ** 20).toFixed(1)} MB`)
  throw new CliError(
    `cannot train in ${shownPath(folder)}: its checkpoints need ${wanted}, and ${there} are free`,
  )
}

/** The newest checkpoint of a run's folder, and what is wrong with others. */
export interface Found {
  readonly state: RunState
  readonly path: string
  readonly notes: readonly string[]
  readonly whole: Whole
}

/** How checkpoints are read. */
interface Reading {
  /** The files that count. */
  readonly wanted?: readonly string[]
  /** The network of the user's own that the run is of. */
  readonly network?: OwnNetwork | undefined
}

/**
 * Reads the checkpoints in a folder and gives the one that is furthest on, of those that are whole and of this run.
 * @throws CliError when there is none; with the code for usage, when they are of a network of the user's own that is not given.
 */
export async function readCheckpoint(run: string, { wanted = all, network }: Reading = {}): Promise<Found> {
  const folder = userPath(run)
  const config = await configIn(folder)
  const states = new Map<string, RunState>()
  const problems: string[] = []
  for (const name of wanted) {
    const path = join(folder, name)
    try {
      const state = await stateAt(path, network)
      if (state !== null) states.set(name, state)
    } catch (error) {
      if (error instanceof CliError) throw error
      problems.push(`${shownPath(path)}: ${(error as Error).message}`)
    }
  }
  problems.push(...removeForeign(states, config, folder))
  const [best] = [...states].sort(([, a], [, b]) => progress(b) - progress(a))
  if (best === undefined)
    throw new CliError(problems.join('; ') || `${run} cannot be resumed: no ${names.between}`)
  const [name, state] = best
  if (!states.has(names.between) && states.has(formerOf(names.between)) && problems.length === 0)
    problems.push(`${shownPath(join(folder, names.between))} is not there`)
  const path = join(folder, name)
  const instead = `: going on with ${shownPath(path)}, ${whereOf(state)}`
  return {
    state,
    path,
    notes: problems.map((problem) => `${problem}${instead}`),
    whole: new Set(states.keys()),
  }
}

/** The same, of those at an epoch's end; `note` hears of what is damaged, and of what is further on. */
export async function readEpochEnd(
  run: string,
  note: (text: string) => void,
  network?: OwnNetwork,
): Promise<Found> {
  const found = await readCheckpoint(run, { wanted: [names.between, formerOf(names.between)], network })
  for (const text of found.notes) note(text)
  const newest = await readCheckpoint(run, { network })
  if (newest.state.within !== undefined)
    note(`the run stands ${whereOf(newest.state)}; what goes on elsewhere begins ${whereOf(found.state)}`)
  return found
}

/** A checkpoint; null where there is no such file. */
async function stateAt(path: string, network: OwnNetwork | undefined): Promise<RunState | null> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw new Error(reason(error))
  })
  if (bytes === null) return null
  const state = loadRunState(bytes)
  checkGiven(path, state, network)
  try {
    makerOf(state.config.model, network)().loadStateDict(state.model)
  } catch (error) {
    const changed = network && state.network && changedFile(network.origin, state.network)
    if (changed)
      throw new CliError(
        `${shownPath(path)}: ${changed} has changed since, and the weights do not fit it any more`,
      )
    throw new RunStateError((error as Error).message)
  }
  return state
}

/** @throws CliError when the run is of a network of the user's own, and that is not given, or the other way about. */
function checkGiven(path: string, { config }: RunState, network: OwnNetwork | undefined): void {
  if (isOwnModel(config.model) === (network !== undefined)) return
  const run = shownPath(dirname(path))
  const problem =
    network === undefined
      ? `${run} is a run of a network of your own, ${modelName(config.model)}: name its file with --model`
      : `--model: ${run} is a run of ${config.model}, not of a network of your own`
  throw new CliError(problem, exitCodes.usage)
}

/** How far a state is: epochs before batches, training before validation. */
function progress({ history, within }: RunState): number {
  if (within === undefined) return history.length
  const { order, position } = within.sampler
  const share = position / ((order?.length ?? 0) + 1)
  return history.length + (within.phase === 'train' ? 0.25 : 0.75) + share / 4
}

/** Where a run goes on from, in words. */
export function whereOf({ history, within }: RunState): string {
  if (within !== undefined) {
    const part = within.phase === 'train' ? 'training' : 'validation'
    return `in epoch ${history.length + 1}, after batch ${within.tally.batches} of its ${part}`
  }
  return history.length === 0 ? 'before its first epoch' : `after epoch ${history.length}`
}

async function configIn(folder: string): Promise<Record<string, unknown>> {
  try {
    const config: unknown = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'))
    return typeof config === 'object' && config !== null ? (config as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** What tells one run from another. */
const decided = [
  'dataset',
  'model',
  'batchSize',
  'optimizer',
  'lr',
  'momentum',
  'schedule',
  'shift',
  'seed',
] as const

/** A module may have moved since. */
const isSame = (field: string, a: unknown, b: unknown): boolean =>
  a === b || (field === 'model' && typeof a === 'string' && modelName(a) === modelName(b as string))

/** Takes checkpoints out that are of another run than `config.json` and a checkpoint beside them; says which. */
function removeForeign(
  states: Map<string, RunState>,
  written: Readonly<Record<string, unknown>>,
  folder: string,
): string[] {
  const difference = ({ config }: RunState): (typeof decided)[number] | undefined =>
    decided.find((field) => Object.hasOwn(written, field) && !isSame(field, written[field], config[field]))
  const found = [...states].map(([name, state]) => ({ name, state, field: difference(state) }))
  if (found.every(({ field }) => field !== undefined)) return []
  return found.flatMap(({ name, state, field }) => {
    if (field === undefined) return []
    states.delete(name)
    const path = shownPath(join(folder, name))
    return `${path} is of another run: its ${field} is ${state.config[field]}, config.json says ${String(written[field])}`
  })
}
