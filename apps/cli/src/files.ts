import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CliError } from './errors.ts'

/** Writes a file that is either whole or not there: a temporary one beside it, flushed to the disk, then renamed. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    // What a process of this number left behind when it was killed: in a container every one has the same.
    await rm(temporary, { force: true })
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw new CliError(`cannot write ${path}: ${reason(error)}`, undefined, { cause: error })
  }
}

/** What the system says is wrong, without its error code and call: `permission denied`. */
export function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return /^[A-Z0-9]+: (.+?), \w+/.exec(message)?.[1] ?? message
}

/** The names in a folder; null when there is no such folder. */
export async function folderContents(path: string): Promise<string[] | null> {
  try {
    return await readdir(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw new CliError(`cannot use ${path} as a folder: ${reason(error)}`, undefined, { cause: error })
  }
}

/** Makes a folder and those above it; gives those it made, innermost first, for {@link removeEmptyFolders}. */
export async function makeFolder(path: string): Promise<string[]> {
  try {
    return await makeMissing(path)
  } catch (error) {
    throw new CliError(`cannot make the folder ${path}: ${reason(error)}`, undefined, { cause: error })
  }
}

// Node's own `mkdir({ recursive: true })` never returns where a folder cannot be made at all, as in /proc.
async function makeMissing(path: string): Promise<string[]> {
  if ((await folderContents(path)) !== null) return []
  const above = await makeMissing(dirname(path))
  try {
    await mkdir(path)
  } catch (error) {
    // Another run made it in this moment.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return above
    throw error
  }
  return [path, ...above]
}

/** Removes folders that were made for nothing; one that holds something stays, with those above it. */
export async function removeEmptyFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    try {
      await rmdir(folder)
    } catch {
      return
    }
  }
}
