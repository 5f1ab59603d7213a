import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError, oneLine } from '../errors.ts'
import { folderContents } from '../files.ts'
import { type Run, readRun } from './read-run.ts'

/** How deep below the folder a run may lie: several seeds of one run have a folder together. */
const DEEP = 2

/** What lies in a folder: runs, and run folders that cannot be read, with the reason. */
export interface Found {
  readonly runs: readonly Run[]
  readonly unreadable: readonly { readonly path: string; readonly why: string }[]
}

/**
 * The runs in a folder: what has a `config.json`; the folder itself, where it has one.
 * @throws CliError where there is no such folder.
 */
export async function findRuns(folder: string): Promise<Found> {
  if ((await folderContents(folder)) === null) throw new CliError(`${folder}: there is no such folder`)
  const [runs, unreadable]: [Run[], { path: string; why: string }[]] = [[], []]
  for (const path of await runFolders(folder, DEEP)) {
    try {
      runs.push(await readRun(path))
    } catch (error) {
      unreadable.push({ path, why: oneLine(error) })
    }
  }
  return { runs, unreadable }
}

async function runFolders(folder: string, deep: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  if (entries.some(({ name }) => name === 'config.json')) return [folder]
  if (deep === 0) return []
  const inner = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const found: string[] = []
  for (const name of inner.sort(byNumber)) found.push(...(await runFolders(join(folder, name), deep - 1)))
  return found
}

/** `mlp-10` comes behind `mlp-9`. */
const byNumber = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true })
