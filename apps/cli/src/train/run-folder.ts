import { mkdir, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { CliError } from '../errors.ts'
import { folderContents, makeFolder, reason, removeEmptyFolders, writeWhole } from '../files.ts'
import { userFolder, userPath } from '../io.ts'

/** The folder of one run, and what has been written into it. */
export interface RunFolder {
  readonly path: string
  /** The names of the files written so far, in order. */
  readonly files: readonly string[]
  /** Writes a file whole, or again in place of its former self. */
  write(name: string, content: string | Uint8Array): Promise<void>
  /** Takes back all that was written: for a run that came to nothing. */
  discard(): Promise<void>
}

/** @throws CliError when `out` is there and is not an empty folder: no run may mix its files with others. */
export async function checkOut(out: string): Promise<void> {
  const contents = await folderContents(userPath(out))
  if (contents !== null && contents.length > 0) {
    throw new CliError(`--out ${out} is not empty (it holds ${contents[0]}): name a new or an empty folder`)
  }
}

/** The folder of `--out`, or a new `runs/<name>-<n>` where the user stands. */
export async function openRunFolder(out: string | undefined, name: string): Promise<RunFolder> {
  if (out === undefined) return newRun(name)
  await checkOut(out)
  const path = userPath(out)
  return runFolder(path, await makeFolder(path))
}

/** The folder of a run that goes on: what it holds stays, until it is written again. */
export function reopenRunFolder(run: string): RunFolder {
  return { ...runFolder(userPath(run), []), discard: async () => {} }
}

async function newRun(name: string): Promise<RunFolder> {
  const runs = userPath('runs')
  const made = await makeFolder(runs)
  for (let n = 1; ; n++) {
    const path = join(runs, `${name}-${n}`)
    try {
      // Not recursive: of two runs that start at once, one gets the name and the other the next.
      await mkdir(path)
      return runFolder(path, [path, ...made])
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue
      throw new CliError(`cannot make the folder ${path}: ${reason(error)}`, undefined, { cause: error })
    }
  }
}

function runFolder(path: string, made: readonly string[]): RunFolder {
  const files: string[] = []
  return {
    path,
    files,
    write: async (name, content) => {
      await writeWhole(join(path, name), content)
      if (!files.includes(name)) files.push(name)
    },
    discard: async () => {
      for (const name of files) await rm(join(path, name), { force: true })
      await removeEmptyFolders(made)
    },
  }
}

/** A path as short as the user would write it: from where they stand, unless it lies elsewhere. */
export function shownPath(path: string): string {
  const short = relative(userFolder(), path)
  return short.startsWith('..') ? path : short || '.'
}
