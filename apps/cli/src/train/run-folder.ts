import { mkdir, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { CliError } from '../errors.ts'
import {
  extendWhole,
  folderContents,
  makeFolder,
  reason,
  removeEmptyFolders,
  removeTemporary,
  writeWhole,
} from '../files.ts'
import { userFolder, userPath } from '../io.ts'
import { LOCK, lockFolder } from './lock.ts'

/** The folder of one run, and what has been written into it. */
export interface RunFolder {
  readonly path: string
  /** The names of the files written so far, in order. */
  readonly files: readonly string[]
  /** Writes a file whole, or again in place of its former self, which then goes to `former`, if that is given. */
  write(name: string, content: string | Uint8Array, former?: string): Promise<void>
  /** Makes a file that grows be `content`: what it has of it stays as it is. */
  extend(name: string, content: Uint8Array): Promise<void>
  /** Removes a file, if it is there. */
  remove(name: string): Promise<void>
  /** Takes back all that was written: for a run that came to nothing. */
  discard(): Promise<void>
  /** Lets other processes train in it. */
  close(): Promise<void>
}

/** @throws CliError when `out` is there and is not an empty folder: no run may mix its files with others. */
export async function checkOut(out: string): Promise<void> {
  const contents = await folderContents(userPath(out))
  const held = contents?.find((name) => name !== LOCK)
  if (held !== undefined)
    throw new CliError(`--out ${out} is not empty (it holds ${held}): name a new or an empty folder`)
}

/** The folder of `--out`, or a new `runs/<name>-<n>` where the user stands. */
export async function openRunFolder(out: string | undefined, name: string): Promise<RunFolder> {
  if (out === undefined) return newRun(name)
  await checkOut(out)
  const path = userPath(out)
  const made = await makeFolder(path)
  const folder = await runFolder(path, made)
  try {
    // Another run may have come and gone since.
    await checkOut(out)
  } catch (error) {
    await folder.close()
    throw error
  }
  return folder
}

/**
 * The folder of a run that goes on: what it holds stays, until it is written again.
 * @throws CliError when another process trains in it.
 */
export async function reopenRunFolder(run: string): Promise<RunFolder> {
  const path = userPath(run)
  const folder = await runFolder(path, [])
  await removeTemporary(path)
  return { ...folder, discard: async () => {} }
}

async function newRun(name: string): Promise<RunFolder> {
  const runs = userPath('runs')
  const made = await makeFolder(runs)
  for (let n = 1; ; n++) {
    const path = join(runs, `${name}-${n}`)
    try {
      // Not recursive: of two runs that start at once, one gets the name and the other the next.
      await mkdir(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue
      throw new CliError(`cannot make the folder ${path}: ${reason(error)}`, undefined, { cause: error })
    }
    return runFolder(path, [path, ...made])
  }
}

async function runFolder(path: string, made: readonly string[]): Promise<RunFolder> {
  let files: string[] = []
  const unlock = await lockFolder(path).catch(async (error: unknown) => {
    await removeEmptyFolders(made)
    throw error
  })
  const note = (name: string): void => {
    if (!files.includes(name)) files.push(name)
  }
  return {
    path,
    get files() {
      return files
    },
    write: async (name, content, former) => {
      const moved = former === undefined ? undefined : join(path, former)
      await writeWhole(join(path, name), content, { former: moved })
      note(name)
      if (former !== undefined) note(former)
    },
    extend: async (name, content) => {
      await extendWhole(join(path, name), content)
      note(name)
    },
    remove: async (name) => {
      await rm(join(path, name), { force: true })
      files = files.filter((other) => other !== name)
    },
    discard: async () => {
      for (const name of files) await rm(join(path, name), { force: true })
      await unlock()
      await removeEmptyFolders(made)
    },
    close: unlock,
  }
}

/** A path as short as the user would write it: from where they stand, unless it lies elsewhere. */
export function shownPath(path: string): string {
  const short = relative(userFolder(), path)
  return short.startsWith('..') ? path : short || '.'
}
