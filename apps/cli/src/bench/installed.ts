import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { hasPackage, type PeerName, packageOf } from './contenders.ts'

const bench = fileURLToPath(new URL('../../../../bench/', import.meta.url))
const venv = process.platform === 'win32' ? '.venv/Scripts/python.exe' : '.venv/bin/python'

/** What of the peers is on this machine. */
export interface Installed {
  /** A Python that has PyTorch, or null. */
  readonly python: string | null
  /** Peers with their versions. */
  readonly versions: Readonly<Record<string, string>>
  /** One line for each peer that is not there. */
  readonly missing: readonly string[]
}

/** Looks for the peers of `names`: PyTorch in `python`, HANDGRAD_PYTHON or what `pnpm bench:setup` made. */
export function findInstalled(names: readonly PeerName[], python: string | undefined): Installed {
  const versions: Record<string, string> = {}
  const missing: string[] = []
  let found: string | null = null
  for (const name of names) {
    if (name === 'pytorch') {
      const wanted = python ?? process.env['HANDGRAD_PYTHON'] ?? `${bench}${venv}`
      const version = torchVersion(wanted)
      if (version === null)
        missing.push(`PyTorch is left out: ${wanted} has no torch (pnpm bench:setup, or --python)`)
      else [found, versions['PyTorch']] = [wanted, version]
    } else if (hasPackage(name)) {
      const manifest = readFileSync(`${bench}node_modules/${packageOf[name]}/package.json`, 'utf8')
      versions[packageOf[name]] = (JSON.parse(manifest) as { version: string }).version
    } else missing.push(`${packageOf[name]} is left out: not installed (pnpm bench:setup)`)
  }
  return { python: found, versions, missing }
}

function torchVersion(python: string): string | null {
  if (python.includes('/') && !existsSync(python)) return null
  try {
    const program = 'import torch; print(torch.__version__)'
    return execFileSync(python, ['-c', program], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return null
  }
}
