import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { version } from '../manifest.ts'
import { isCheckout, repository } from '../repository.ts'

/** What a run was made with, so that it can be made again. */
export interface Provenance {
  versions: { handgrad: string; node: string }
  platform: string
  /** The commit of the program, `-dirty` when files were changed since; null outside a git checkout. */
  commit: string | null
}

/** Asks git and the system what this program is. */
export async function provenance(): Promise<Provenance> {
  return {
    versions: { handgrad: version, node: process.versions.node },
    platform: `${process.platform}-${process.arch}`,
    commit: await commit(),
  }
}

async function commit(): Promise<string | null> {
  // Once it is installed, the checkout around it is somebody else's.
  if (!isCheckout) return null
  const describe = ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*']
  try {
    const { stdout } = await promisify(execFile)('git', describe, { cwd: repository })
    return stdout.trim()
  } catch {
    return null
  }
}
