import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readSafetensors, saveSafetensors } from '../packages/tensor/src/index.ts'

/**
 * Trains the network whose weights ship with the docs site, and writes them with where they come from: command, commit, seed and test
 * accuracy.
 *
 *     node scripts/ship-weights.ts
 */
const SEED = 0
const args = ['train', '--preset', 'fast', '--seed', String(SEED)]
const root = dirname(import.meta.dirname)
const target = join(root, 'apps/docs/public/weights/seed.safetensors')

const folder = join(mkdtempSync(join(tmpdir(), 'weights-')), 'run')
const program = join(root, 'apps/cli/src/main.ts')
const printed = execFileSync(process.execPath, [program, ...args, '--out', folder, '--json'], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
})
const [last] = printed.trimEnd().split('\n').slice(-1)
const { testAccuracy } = JSON.parse(last) as { testAccuracy: number }
const { tensors, metadata } = readSafetensors(readFileSync(join(folder, 'model.safetensors')))
const commit = execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], {
  cwd: root,
  encoding: 'utf8',
}).trim()
const about = {
  format: 'pt',
  model: metadata!['model'],
  command: `handgrad ${args.join(' ')}`,
  commit,
  seed: String(SEED),
  testAccuracy: String(testAccuracy),
}
mkdirSync(dirname(target), { recursive: true })
writeFileSync(target, saveSafetensors(tensors, about))
console.log(`${target}: ${JSON.stringify(about)}`)
