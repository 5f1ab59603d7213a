import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished, vi } from 'vitest'
import { endOf } from '../errors.ts'
import { run } from '../program.ts'
import { recordedIo } from './io.ts'
import { smallMnist } from './small-mnist.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

/** What a finished call of the program left. */
interface Finished {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'handgrad-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The real program, started as pnpm starts it for a user who stands in `cwd`; its stdout may be a file. */
export function start(
  cwd: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  file?: string,
): ChildProcess {
  const clean = { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, HANDGRAD_STACK: undefined }
  const out = file === undefined ? 'pipe' : openSync(file, 'w')
  const stdio = ['pipe', out, 'pipe'] as const
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...clean, INIT_CWD: cwd, ...env },
    stdio: [...stdio],
  })
  if (out !== 'pipe') closeSync(out)
  return child
}

/** Waits for the program's end. */
export function finish(child: ChildProcess): Promise<Finished> {
  let out = ''
  let err = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

/** Starts the program and waits for its end. */
export const handgrad = (...call: Parameters<typeof start>): Promise<Finished> => finish(start(...call))

/** The same without a process of its own, for commands that leave nothing behind in this one. */
export async function inProcess(
  cwd: string,
  args: readonly string[],
  terminal?: { readonly columns: number },
): Promise<Finished> {
  vi.stubEnv('INIT_CWD', cwd)
  try {
    const { io, out, err } = recordedIo(terminal !== undefined, terminal?.columns)
    const code = await endOf(() => run(args, io), io)
    return { code, out: out.text, err: err.text }
  } finally {
    vi.unstubAllEnvs()
  }
}

/** The files of a run that came to its end. */
export const artifacts: readonly string[] = [
  'best.safetensors',
  'config.json',
  'confusion.png',
  'curves.png',
  'curves.svg',
  'metrics.jsonl',
  'model.safetensors',
  'state.before.safetensors',
  'state.safetensors',
]

/** A real training run on a part of MNIST that takes a second. */
export const quick: readonly string[] = [
  ...'train --model mlp --limit 200 --epochs 2 --batch-size 16 --data-dir'.split(' '),
  smallMnist(),
]

export const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '')

export const jsonLines = (text: string): Record<string, unknown>[] =>
  linesOf(text).map((line) => JSON.parse(line) as Record<string, unknown>)
