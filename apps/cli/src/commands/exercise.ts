import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Argument } from 'commander'
import type { CommandModule } from '../command.ts'
import { CliError, exitCodes } from '../errors.ts'
import { exercises } from '../exercises/all.ts'
import { checkFile } from '../exercises/check-file.ts'
import { type Exercise, stubOf } from '../exercises/exercise.ts'
import type { Verdict } from '../exercises/judge.ts'
import { junitOf } from '../exercises/junit.ts'
import { linesOf } from '../exercises/words.ts'
import { type Io, userPath } from '../io.ts'

interface Options {
  dir: string
  seed: number
  step: number
  json: boolean
  junit?: string
}

const actions: Readonly<
  Record<string, (ids: readonly string[], options: Options, io: Io) => Promise<number>>
> = {
  list,
  start,
  check,
  hint,
}

export const command: CommandModule = {
  summary: 'write a backward pass yourself, and have it marked',
  define(program) {
    program
      .addArgument(new Argument('<action>', 'what to do').choices(Object.keys(actions)).argParser(String))
      .argument(
        '[exercise...]',
        'what to start, check or hint at; check takes all that were started, unless told',
      )
      .option('--dir <folder>', 'where your files are', 'exercises')
      .option(
        '--seed <number>',
        'the numbers to check with; your own, so that results cannot be copied',
        whole,
        0,
      )
      .option('--step <number>', 'which hint, from 1', whole, 1)
      .option('--json', 'print the verdicts as JSON, one a line', false)
      .option('--junit <file>', 'write the verdicts as JUnit XML too')
      .addHelpText('after', help)
  },
  run({ options, args, io }) {
    const [action, ...ids] = args as [string, ...string[]]
    const act = Object.hasOwn(actions, action) ? actions[action] : undefined
    if (act === undefined)
      throw new CliError(
        `exercise ${action} is not known, expected one of ${Object.keys(actions).join(', ')}`,
        exitCodes.usage,
      )
    return act(ids, options as unknown as Options, io)
  },
}

function whole(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new CliError(`expected a whole number from 0 on, got ${text}`, exitCodes.usage)
}

function find(id: string): Exercise {
  const found = exercises.find((exercise) => exercise.id === id)
  if (found !== undefined) return found
  throw new CliError(`there is no exercise ${id}: handgrad exercise list shows them`, exitCodes.usage)
}

/** Where TypeScript runs as it is, files are TypeScript. */
const isTyped = 'typescript' in process.features && Boolean(process.features.typescript)

function fileIn(dir: string, id: string): string {
  const names = [`${id}.ts`, `${id}.mjs`, `${id}.js`].map((name) => join(userPath(dir), name))
  return names.find((name) => existsSync(name)) ?? names[isTyped ? 0 : 1]
}

function list(_ids: readonly string[], { json }: Options, { out }: Io): Promise<number> {
  for (const { id, title } of exercises)
    out.line(json ? JSON.stringify({ id, title }) : `${id.padEnd(22)} ${title}`)
  return Promise.resolve(exitCodes.ok)
}

async function start(ids: readonly string[], { dir }: Options, { out, err }: Io): Promise<number> {
  if (ids.length === 0)
    throw new CliError('start what? handgrad exercise list shows the exercises', exitCodes.usage)
  const chosen = ids.map(find)
  await mkdir(userPath(dir), { recursive: true })
  for (const exercise of chosen) {
    const file = fileIn(dir, exercise.id)
    if (existsSync(file)) throw new CliError(`${file} is there already, and is left as it is`)
    await writeFile(file, stubOf(exercise, isTyped))
    out.line(file)
  }
  err.line(`Write solve(), then: handgrad exercise check ${ids.join(' ')}`)
  return exitCodes.ok
}

async function check(ids: readonly string[], { dir, seed, json, junit }: Options, io: Io): Promise<number> {
  const chosen = ids.length > 0 ? ids.map(find) : exercises.filter(({ id }) => existsSync(fileIn(dir, id)))
  if (chosen.length === 0)
    throw new CliError(`no exercise was started in ${dir}: handgrad exercise start linear-db`)
  const verdicts: Verdict[] = []
  for (const exercise of chosen) {
    const file = fileIn(dir, exercise.id)
    if (!existsSync(file)) throw new CliError(`${file} is not there: handgrad exercise start ${exercise.id}`)
    const verdict = await checkFile(exercise, file, seed)
    verdicts.push(verdict)
    if (json) io.out.line(JSON.stringify(verdict))
    else print(io, verdict)
  }
  if (junit !== undefined) await writeFile(userPath(junit), junitOf(verdicts))
  return verdicts.every(({ passed }) => passed) ? exitCodes.ok : exitCodes.gate
}

function print({ out }: Io, verdict: Verdict): void {
  const [first, ...others] = linesOf(verdict)
  out.line(out.style(verdict.passed ? 'green' : 'red', first))
  for (const other of others) out.line(other)
}

function hint(ids: readonly string[], { step }: Options, { out }: Io): Promise<number> {
  if (ids.length !== 1) throw new CliError('hint at which exercise? Name one', exitCodes.usage)
  const { hints } = find(ids[0])
  const at = Math.max(1, Math.min(step, hints.length))
  out.line(hints[at - 1])
  if (at < hints.length) out.line(`More: --step ${at + 1} of ${hints.length}`)
  return Promise.resolve(exitCodes.ok)
}

const help = `
An exercise is a function solve() with one thing left out: a backward pass, a loss, a step of an optimizer. Yours is compared with the
library's own, on numbers drawn from --seed; where it differs, with the known mistakes, and with a central difference. It runs in a
worker that is ended after 5 s. Exit code ${exitCodes.gate} where something is not right yet.

Examples:
  handgrad exercise list
  handgrad exercise start conv2d-dx
  handgrad exercise hint conv2d-dx --step 2
  handgrad exercise check conv2d-dx --seed 1234
  handgrad exercise check --seed 1234 --json --junit results.xml
`
