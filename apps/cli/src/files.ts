import { lstat, mkdir, open, readdir, readFile, realpath, rename, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CliError } from './errors.ts'

/** How a file takes the place of its former self. */
export interface Replacing {
  /** Where the former self goes, over what lies there; it is written over where this is left out. */
  readonly former?: string | undefined
}

/**
 * Writes a file that is either whole or not there: a temporary one beside it, flushed to the disk and read back, then
 * renamed, and the folder flushed.
 */
export async function writeWhole(
  path: string,
  content: string | Uint8Array,
  { former }: Replacing = {},
): Promise<void> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  const target = await behindLink(path)
  const temporary = temporaryName(target)
  try {
    // What a process of this number left behind when it was killed: in a container every one has the same.
    await rm(temporary, { force: true })
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    if (!(await readFile(temporary)).equals(bytes))
      throw new Error('what was written reads back as something else')
    if (former !== undefined) await rename(target, former).catch(unlessMissing)
    await rename(temporary, target)
    await syncFolder(dirname(target))
  } catch (error) {
    // A folder that became read-only refuses this too: the first error is the one to tell.
    await rm(temporary, { force: true }).catch(() => {})
    throw new CliError(`cannot write ${path}: ${reason(error)}`, undefined, { cause: error })
  }
}

/** Where a file is to be written: a link stays one. @throws CliError for what is no file, and a link to nothing. */
async function behindLink(path: string): Promise<string> {
  try {
    const found = await lstat(path).catch(unlessMissing)
    if (found === undefined) return path
    const target = found.isSymbolicLink() ? await realpath(path) : path
    if ((await stat(target)).isFile()) return target
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'it is a link to nothing' : reason(error)
    throw new CliError(`cannot write ${path}: ${why}`, undefined, { cause: error })
  }
  throw new CliError(`cannot write ${path}: it is no file`)
}

/**
 * Makes a file that grows be `content`: adds what it lacks of it, or takes off what is behind it, in place, so that who reads
 * along goes on; a file that begins otherwise, or is not there, is written anew, whole.
 */
export async function extendWhole(path: string, content: Uint8Array): Promise<void> {
  const former = await readFile(path).catch(() => null)
  const shared = Math.min(former?.length ?? 0, content.length)
  if (former === null || !former.subarray(0, shared).equals(content.subarray(0, shared)))
    return writeWhole(path, content)
  try {
    const file = await open(path, 'r+')
    try {
      await file.write(content, shared, content.length - shared, shared)
      await file.truncate(content.length)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    throw new CliError(`cannot write ${path}: ${reason(error)}`, undefined, { cause: error })
  }
}

const temporaryName = (path: string): string => `${path}.${process.pid}.tmp`

/** Removes what processes that were killed left of files that {@link writeWhole} was writing. */
export async function removeTemporary(folder: string): Promise<void> {
  for (const name of (await folderContents(folder)) ?? [])
    if (/\.\d+\.tmp$/.test(name)) await rm(join(folder, name), { force: true }).catch(() => {})
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
  return undefined
}

/** Makes names in a folder durable, where a system has a way to: Windows opens no folder. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } catch (error) {
    // Some file systems (network, FUSE) sync no folder.
    if (!['EINVAL', 'ENOTSUP', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    await folder.close()
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
