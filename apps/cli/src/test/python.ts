import { spawnSync } from 'node:child_process'

/** The Python of tests. */
export const python: string = process.env['HANDGRAD_PYTHON'] ?? 'python3'

/** Why tests that need numpy are skipped, or null where it is there. */
export function numpyLack(): string | null {
  const { status } = spawnSync(python, ['-c', 'import numpy'], { stdio: 'ignore' })
  return status === 0 ? null : `skipped: ${python} has no numpy`
}
