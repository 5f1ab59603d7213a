import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const watcher = new URL('./largest-resident.ts', import.meta.url).href

/** What a whole program came to, from the start of its process to its end. */
export interface Finished {
  readonly seconds: number
  readonly out: string
}

/** Runs a program to its end. @throws Error with its last words when it fails. */
export function runToEnd(command: string, args: readonly string[], env = {}): Promise<Finished> {
  const from = performance.now()
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err = `${err}${text}`.slice(-2000)))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve({ seconds: (performance.now() - from) / 1000, out })
      else reject(new Error(err.trim().split('\n').at(-1) || `${command} ended with ${code}`))
    })
  })
}

/** A `train` from a cold start, with `--json`, into a folder that is gone afterwards. */
export async function runTrain(
  args: readonly string[],
  flags: readonly string[] = [],
): Promise<Finished & { testAccuracy: number; largestResidentMB: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'handgrad-bench-'))
  const note = join(folder, 'resident')
  const own = ['train', ...args, '--json', '--out', join(folder, 'run')]
  try {
    const env = { HANDGRAD_LARGEST_RESIDENT: note }
    const done = await runToEnd(process.execPath, [...flags, '--import', watcher, main, ...own], env)
    const last = JSON.parse(done.out.trim().split('\n').at(-1)) as { testAccuracy: number }
    return { ...done, testAccuracy: last.testAccuracy, largestResidentMB: Number(readFileSync(note, 'utf8')) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
