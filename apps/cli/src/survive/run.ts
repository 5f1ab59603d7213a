import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const faults = new URL('./faults.ts', import.meta.url).href

/** What a process of the program came to. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly err: string
  readonly seconds: number
}

/** How a process is disturbed: a fault at a step of a save, a signal after so many milliseconds, or not at all. */
export interface Disturbance {
  /** As `faults.ts` reads it. */
  readonly fault?: string
  readonly signals?: readonly { readonly name: NodeJS.Signals; readonly after: number }[]
  /** A file for the steps that are taken. */
  readonly count?: string
}

/** Runs `handgrad` with these words in `cwd`, and waits for its end. */
export function handgrad(
  cwd: string,
  words: readonly string[],
  { fault, signals = [], count }: Disturbance = {},
): Promise<Ended> {
  const from = performance.now()
  const preload = fault === undefined && count === undefined ? [] : ['--import', faults]
  const child = spawn(process.execPath, [...preload, main, ...words], {
    cwd,
    env: {
      ...process.env,
      INIT_CWD: undefined,
      NO_COLOR: '1',
      HANDGRAD_FAULT: fault,
      HANDGRAD_COUNT: count,
      NODE_COMPILE_CACHE: join(cwd, '..', 'compiled'),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const timers = signals.map(({ name, after }) => setTimeout(() => child.kill(name), after))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      for (const timer of timers) clearTimeout(timer)
      resolve({ code, signal, err, seconds: (performance.now() - from) / 1000 })
    })
  })
}

/** The lines of a file of HANDGRAD_COUNT. */
export const stepsIn = (path: string): string[] => readFileSync(path, 'utf8').trim().split('\n')
