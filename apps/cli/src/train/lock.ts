import { link, open, readFile, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { CliError } from '../errors.ts'
import { reason } from '../files.ts'
import { processStart } from '../process-start.ts'

/** The file that says who trains in a folder. */
export const LOCK = 'run.lock'

/** Who trains in a folder. */
interface Holder {
  readonly host: string
  readonly pid: number
  /** When the process began: another one of the same number began at another time. */
  readonly started: string | null
}

/**
 * Takes a folder for this process; gives what gives it back. A lock whose process is dead is taken over.
 * @throws CliError that names the process of this host, or the other host, that holds it.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, LOCK)
  const own: Holder = { host: hostname(), pid: process.pid, started: await processStart(process.pid) }
  const text = `${JSON.stringify(own)}\n`
  for (let attempt = 0; !(await made(path, text)); attempt++) {
    const found = await readFile(path, 'utf8').catch(() => null)
    if (found === null) continue
    const holder = holderOf(found)
    // After some attempts others are at it too, and one of them has it.
    if (attempt > 20 || (holder !== null && (await holds(holder)))) throw refusal(path, holder)
    await takeAway(path, found)
  }
  return async () => {
    if ((await readFile(path, 'utf8').catch(() => null)) === text)
      await rm(path, { force: true }).catch(() => {})
  }
}

/** Makes the lock with its content, both at once; false where there is one. */
async function made(path: string, text: string): Promise<boolean> {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    await rm(temporary, { force: true })
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(text)
    } finally {
      await file.close()
    }
    try {
      await link(temporary, path)
      return true
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EEXIST') return false
      // A file system without links: content and name come one after the other.
      return await madeThere(path, text)
    } finally {
      await rm(temporary, { force: true })
    }
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw new CliError(`cannot write ${path}: ${reason(error)}`, undefined, { cause: error })
  }
}

async function madeThere(path: string, text: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx')
    await file.writeFile(text)
    await file.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Null for what is no lock: cut short, or of someone else. */
function holderOf(text: string): Holder | null {
  try {
    const { host, pid, started } = JSON.parse(text) as Holder
    const isOne = typeof host === 'string' && Number.isSafeInteger(pid) && pid > 0
    return isOne ? { host, pid, started } : null
  } catch {
    return null
  }
}

async function holds({ host, pid, started }: Holder): Promise<boolean> {
  if (host !== hostname()) return true
  const now = await processStart(pid)
  return now !== null && (started === null || now === started)
}

/** Moves a dead lock away, unless another process has put its own there since. */
async function takeAway(path: string, dead: string): Promise<void> {
  const aside = `${path}.${process.pid}.tmp`
  try {
    await rename(path, aside)
  } catch {
    return
  }
  if ((await readFile(aside, 'utf8')) !== dead) await link(aside, path).catch(() => {})
  await rm(aside, { force: true })
}

function refusal(path: string, holder: Holder | null): CliError {
  const { host, pid } = holder ?? { host: 'this host', pid: 0 }
  if (host === hostname())
    return new CliError(
      `${path}: process ${pid} trains in this folder: wait for its end, or name another with --out`,
    )
  const advice = `if it is dead, remove ${path}`
  return new CliError(`${path}: process ${pid} on ${host} trains in this folder: ${advice}`)
}
