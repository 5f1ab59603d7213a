import { readFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import type { RunState, TrainConfig } from '@handgrad/trainer'
import { CliError } from '../errors.ts'
import { userPath } from '../io.ts'
import { unknownIn } from './config-file.ts'
import { shownPath } from './run-folder.ts'

/** Where the data of a saved run lies, and what its user should know. */
export interface SavedData {
  /** The folder of IDX files; undefined where the data comes by itself. */
  readonly dataDir: string | undefined
  /** The file of the run's first weights, where it did not draw them. */
  readonly init: string | undefined
  readonly notes: readonly string[]
}

/** What was said anew when the run goes on. */
interface Anew {
  readonly dataDir?: string | undefined
  readonly config?: TrainConfig
}

/**
 * The data of the run in a folder: as given anew, else as its state says, else, for a state of an older version, its
 * `config.json`. A `config.json` that says something else than the state does not count, and that is a note.
 * @throws CliError when neither says what the data is.
 */
export async function savedData(run: string, state: RunState, anew: Anew = {}): Promise<SavedData> {
  const folder = userPath(run)
  const written = await readConfig(folder)
  const notes = typeof written === 'string' ? [`${written}: its state counts, as it does for all else`] : []
  if (typeof written !== 'string') notes.push(...differences(written, state, anew))
  const named = typeof written === 'string' ? undefined : written['init']
  const init = typeof named === 'string' ? named : undefined
  if (anew.dataDir !== undefined) return { dataDir: userPath(anew.dataDir), init, notes }
  if (state.data !== undefined) return { dataDir: state.data.folder ?? undefined, init, notes }
  return { ...olderData(folder, written), init }
}

/** What `config.json` holds, or what is wrong with it, in words. */
async function readConfig(folder: string): Promise<Record<string, unknown> | string> {
  const path = join(folder, 'config.json')
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return `${shownPath(path)} is gone`
  try {
    const config: unknown = JSON.parse(text)
    if (typeof config === 'object' && config !== null) return config as Record<string, unknown>
  } catch {}
  return `${shownPath(path)} is cut short or no JSON`
}

/** Runs of older versions have the path as it was typed, and only there. */
function olderData(folder: string, written: Record<string, unknown> | string): Omit<SavedData, 'init'> {
  // mutant: constant `'string'` → `''` is equivalent because a text has no dataDir
  const dataDir = typeof written === 'string' ? undefined : written['dataDir']
  if (dataDir === null) return { dataDir: undefined, notes: [] }
  if (typeof dataDir !== 'string') {
    const why =
      typeof written === 'string' ? written : `${shownPath(join(folder, 'config.json'))} has no dataDir`
    throw new CliError(
      `${why}, and the state of this older run does not say which data it is made with: name it with handgrad train --resume ${shownPath(folder)} --data-dir <folder>`,
    )
  }
  const path = userPath(dataDir)
  const note = `this older run has its data in '${dataDir}': taken from ${path}, and not compared`
  return { dataDir: path, notes: isAbsolute(dataDir) ? [] : [note] }
}

/** One line on all that someone wrote into `config.json` since. */
function differences(written: Record<string, unknown>, { config, data }: RunState, anew: Anew): string[] {
  // Threads are taken from neither.
  const { threads: _, ...decided } = config
  const known: Record<string, unknown> = { ...decided, ...(data && { dataDir: data.folder }) }
  const wanted: Record<string, unknown> = { ...anew.config }
  if (anew.dataDir !== undefined) wanted['dataDir'] = userPath(anew.dataDir)
  const edited = Object.keys(known).filter(
    (name) => Object.hasOwn(written, name) && ![known[name], wanted[name]].includes(written[name]),
  )
  const unknown = unknownIn(written).map(
    (name) => `config.json has ${name}, which no run has: it is left out`,
  )
  if (edited.length === 0) return unknown
  const list = (from: Record<string, unknown>): string =>
    edited.map((name) => `${name} ${JSON.stringify(from[name])}`).join(', ')
  return [`config.json says ${list(written)}; the run's state counts, which says ${list(known)}`, ...unknown]
}
