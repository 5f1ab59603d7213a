import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readOutputs, writeNpz } from '@handgrad/gradcheck/node'
import { type DType, type Tensor, tensor } from '@handgrad/tensor'
import { CliError, exitCodes } from '../../errors.ts'
import { LIMIT, tooLong } from '../call.ts'
import type { Exercise, Inputs, Outputs } from '../exercise.ts'
import type { Call, Ran } from '../run.ts'
import { inPython } from './all.ts'

const program = fileURLToPath(new URL('../../../python/solve.py', import.meta.url))

/** How a file is run. */
export interface PythonOptions {
  /** The Python; that of HANDGRAD_PYTHON, or python3, unless told. */
  readonly python?: string
  /** For how many milliseconds the learner's code may run. */
  readonly limit?: number
  /** How long Python and numpy may take to start, in milliseconds. */
  readonly patience?: number
}

const USUAL = process.platform === 'win32' ? 'python' : 'python3'
const HELP = 'HANDGRAD_PYTHON names the Python to use'
const unusable = (why: string): CliError => new CliError(`${why}; ${HELP}`, exitCodes.usage)

/** How the learner's process ended. */
type End = 'exit' | 'late'

/** Starts Python, and ends it where it takes too long; the learner's time begins when it says so. */
function runProgram(folder: string, { python, limit, patience }: Required<PythonOptions>): Promise<End> {
  const child = spawn(python, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  return new Promise((resolve, reject) => {
    let said = ''
    const after = (milliseconds: number, act: () => void): NodeJS.Timeout =>
      setTimeout(() => {
        child.kill('SIGKILL')
        act()
      }, milliseconds)
    let timer = after(patience, () => reject(unusable(`${python} did not start in ${patience / 1000} s`)))
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said !== 'begun\n') return
      clearTimeout(timer)
      timer = after(limit, () => resolve('late'))
    })
    child.on('error', ({ message }) => {
      clearTimeout(timer)
      reject(unusable(`cannot start ${python} (${message}): install Python 3 and numpy`))
    })
    child.on('close', () => {
      clearTimeout(timer)
      if (said.startsWith('begun')) resolve('exit')
      else if (said.startsWith('no numpy'))
        reject(unusable(`${python} has no numpy: ${python} -m pip install numpy`))
      else reject(unusable(`${python} did not run ${program}, which needs Python 3`))
    })
  })
}

const arraysOf = (inputs: Inputs, whole: readonly string[]): Record<string, Tensor<DType>> =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [
      name,
      tensor(value, undefined, { dtype: whole.includes(name) ? 'int64' : 'float64' }),
    ]),
  )

/** What solve.py says of each call. */
type Said =
  | {
      readonly kind: 'ran'
      readonly calls: readonly ({ kind: 'gave' } | Extract<Call, { kind: 'refused' }>)[]
    }
  | Extract<Ran, { kind: 'broken' }>

function readRan(folder: string): Ran {
  let said: Said
  try {
    said = JSON.parse(readFileSync(join(folder, 'ran.json'), 'utf8')) as Said
  } catch {
    return { kind: 'broken', why: 'your code ended its process before solve() was done' }
  }
  if (said.kind === 'broken') return said
  const outputs = readOutputs(join(folder, 'outputs'))
  const given = (i: number): Outputs => {
    const found = outputs.get(String(i))!
    if ('problem' in found) throw new CliError(`outputs of case ${i}: ${found.problem}`)
    return Object.fromEntries(
      Object.entries(found.answers).map(([name, answer]) => [name, answer.tensor.toArray()]),
    )
  }
  return {
    kind: 'ran',
    calls: said.calls.map(
      (call, i): Call => (call.kind === 'gave' ? { ...call, outputs: given(i), changed: [] } : call),
    ),
  }
}

/**
 * Calls solve() of a Python file with each of the inputs, which it gets, and gives back, through files of numpy.
 * @throws CliError where there is no Python, or one without numpy.
 */
export async function runPython(
  exercise: Exercise,
  file: string,
  inputs: readonly Inputs[],
  { python = process.env['HANDGRAD_PYTHON'] ?? USUAL, limit = LIMIT, patience = 60_000 }: PythonOptions = {},
): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), 'handgrad-exercise-'))
  try {
    mkdirSync(join(folder, 'outputs'))
    for (const [i, own] of inputs.entries()) {
      mkdirSync(join(folder, 'cases', String(i)), { recursive: true })
      const bytes = writeNpz(arraysOf(own, inPython(exercise).whole ?? []))
      writeFileSync(join(folder, 'cases', String(i), 'inputs.npz'), bytes)
    }
    const job = { file, outputs: Object.keys(exercise.outputs), cases: inputs.length }
    writeFileSync(join(folder, 'job.json'), JSON.stringify(job))
    const end = await runProgram(folder, { python, limit, patience })
    return end === 'late' ? { kind: 'broken', why: tooLong('solve', limit) } : readRan(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
