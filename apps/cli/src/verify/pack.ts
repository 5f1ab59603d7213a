import { writeFileSync } from 'node:fs'
import {
  type JudgedTensor,
  type LoadedCase,
  type OutputsReport,
  PackError,
  verifyOutputs,
} from '@handgrad/gradcheck'
import { readCase, readManifest, readOutputs } from '@handgrad/gradcheck/node'
import { formatShape } from '@handgrad/tensor'
import { CliError, exitCodes, oneLine } from '../errors.ts'
import { type Io, userPath } from '../io.ts'
import { type Column, header, rowOf } from '../table.ts'
import { junit } from './junit.ts'

/** The options of `verify` that speak of a pack. */
export interface PackFlags {
  readonly pack?: string
  readonly outputs?: string
  readonly only?: readonly string[]
  readonly forward: boolean
  readonly all: boolean
  readonly junit?: string
}

/**
 * Whether a call of `verify` is about a pack.
 * @throws CliError where it is half of both, or nothing.
 */
export function isPackCall(
  { pack, outputs, only, forward, all, junit: file }: PackFlags,
  { bundle, layer }: { bundle?: string | undefined; layer?: string | undefined },
): boolean {
  const wrong = (message: string): never => {
    throw new CliError(message, exitCodes.usage)
  }
  if (pack === undefined) {
    const [odd] =
      Object.entries({ outputs, only, forward, all, junit: file }).find(([, value]) => value) ?? []
    if (odd !== undefined) wrong(`--${odd} belongs to --pack <folder>`)
    if (bundle === undefined) wrong('name a bundle, or --pack <folder> with --outputs <folder>')
    return false
  }
  if (bundle !== undefined) wrong(`a bundle (${bundle}) and --pack are two different things: name one`)
  if (layer !== undefined) wrong('--layer belongs to a bundle; a pack takes --outputs <folder>')
  if (outputs === undefined) wrong('--pack needs --outputs <folder>: what your program wrote')
  return true
}

/** Compares a program's answers with a pack, prints what was found, and gives the exit code. */
export function verifyPack(flags: PackFlags, json: boolean, io: Io): number {
  const report = compare(flags)
  const complete = !flags.all || report.notOffered.length === 0
  if (flags.junit !== undefined) writeJunit(userPath(flags.junit), report, flags.all)
  if (json) io.out.line(JSON.stringify({ ...report, passed: report.passed && complete }))
  else print(io, report, complete)
  return report.passed && complete ? exitCodes.ok : exitCodes.gate
}

function compare({ pack, outputs, only, forward }: PackFlags): OutputsReport {
  const isWanted = (id: string): boolean => only === undefined || only.some((part) => id.startsWith(part))
  const loaded = loadCases(userPath(pack!))
  const chosen = loaded.filter(({ about }) => isWanted(about.id))
  if (chosen.length === 0)
    throw new CliError(`--only: no case of the pack begins with ${only?.join(' or ')}`, exitCodes.usage)
  const given = new Map([...answersIn(userPath(outputs!))].filter(([id]) => isWanted(id)))
  if (given.size === 0) {
    const where = `<case>/outputs.safetensors or <case>/outputs.npz, as in ${chosen[0].about.id}/outputs.npz`
    throw new CliError(`--outputs: there are no answers in ${outputs}: expected ${where}`, exitCodes.usage)
  }
  const report = verifyOutputs(loaded, given, { forward })
  return { ...report, notOffered: report.notOffered.filter(isWanted) }
}

function loadCases(pack: string): LoadedCase[] {
  try {
    const manifest = readManifest(pack)
    return Object.keys(manifest.cases).map((id) => readCase(pack, manifest, id))
  } catch (error) {
    if (error instanceof PackError) throw new CliError(error.message, exitCodes.failure, { cause: error })
    throw error
  }
}

function answersIn(folder: string): ReturnType<typeof readOutputs> {
  try {
    return readOutputs(folder)
  } catch (error) {
    if (error instanceof PackError)
      throw new CliError(`--outputs: ${error.message}`, exitCodes.usage, { cause: error })
    throw error
  }
}

function writeJunit(path: string, report: OutputsReport, all: boolean): void {
  try {
    writeFileSync(path, junit(report, all))
  } catch (error) {
    throw new CliError(`--junit: cannot write ${path}: ${oneLine(error)}`, exitCodes.failure, {
      cause: error,
    })
  }
}

const short = (value: number): string => (value < 10_000 ? value.toFixed(2) : value.toExponential(1))

const columns: readonly Column<JudgedTensor>[] = [
  { title: 'case', width: 40, cell: (row) => row.case },
  { title: 'dtype', width: 8, cell: ({ dtype }) => dtype },
  { title: 'tensor', width: 12, cell: ({ tensor }) => tensor },
  { title: 'shape', width: 12, cell: ({ shape }) => formatShape(shape) },
  { title: 'verdict', width: 10, cell: ({ verdict }) => verdict },
  { title: 'ULP', width: 9, align: 'right', cell: ({ ulps }) => short(ulps) },
  { title: 'allowed', width: 9, align: 'right', cell: ({ allowed }) => allowed?.toPrecision(3) ?? '' },
]

function print(
  { out }: Io,
  { tensors, problems, notOffered, passed }: OutputsReport,
  complete: boolean,
): void {
  out.line(out.style('dim', header(columns)))
  for (const row of tensors)
    out.line(out.style(row.verdict === 'WRONG' ? 'red' : 'reset', rowOf(columns, row)))
  for (const [id, lines] of Object.entries(problems))
    for (const text of lines) out.line(out.style('red', `${id}: ${text}`))
  if (!complete) out.line(out.style('red', `no answer for ${notOffered.join(', ')}`))
  const count = (verdict: JudgedTensor['verdict']): number =>
    tensors.filter((row) => row.verdict === verdict).length
  const cases = new Set([...tensors.map((row) => row.case), ...Object.keys(problems)]).size
  const counts = `${count('right')} right, ${count('WRONG')} wrong, ${count('not judged')} not judged`
  const wrong = Object.keys(problems).length
  const verdict = passed && complete ? 'everything agrees' : `${wrong} cases do not agree`
  out.line(
    `${cases} cases, ${tensors.length} tensors: ${counts}; ${notOffered.length} cases not offered; ${verdict}`,
  )
}
