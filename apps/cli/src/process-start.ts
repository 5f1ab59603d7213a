import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/**
 * When a process began, in the words of its system: another process of the same number has other ones. Null where there
 * is none of that number, or the system does not say.
 */
export async function processStart(pid: number): Promise<string | null> {
  return process.platform === 'linux' ? linuxStart(pid) : psStart(pid)
}

async function linuxStart(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name before the last bracket may hold anything, spaces and brackets too.
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
    // A zombie is dead, whatever still waits for it.
    return state === 'Z' || state === 'X' ? null : `${boot.trim()} ${rest[18]}`
  } catch {
    return null
  }
}

async function psStart(pid: number): Promise<string | null> {
  if (process.platform === 'win32') return isThere(pid) ? 'unknown' : null
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)])
    return stdout.trim() || null
  } catch {
    return null
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
