import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Argument } from 'commander'
import type { CommandModule } from '../command.ts'
import { CliError, exitCodes } from '../errors.ts'
import { exercises } from '../exercises/all.ts'
import { checkFile } from '../exercises/check-file.ts'
import { type Exercise, stubOf } from '../exercises/exercise.ts'
import type { Verdict } from '../exercises/judge.ts'
import { junitOf } from '../exercises/junit.ts'
import { pythonStub } from '../exercises/python/file.ts'
import { linesOf } from '../exercises/words.ts'
import { type Io, userPath } from '../io.ts'

interface Options {
  dir: string
  seed: number
  step: number
  python: boolean
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
        'what to start, check or hint at; check takes all that were started, unless told, and files too',
      )
      .option('--dir <folder>', 'where your files are', 'exercises')
      .option(
        '--seed <number>',
        'the numbers to check with; your own, so that results cannot be copied',
        whole,
        0,
      )
      .option('--step <number>', 'which hint, from 1', whole, 1)
      .option('--python', 'start: write a file in Python, for numpy', false)
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

const scriptsIn = (dir: string, id: string): string[] =>
  [`${id}.ts`, `${id}.mjs`, `${id}.js`].map((name) => join(userPath(dir), name))

const pythonIn = (dir: string, id: string): string => join(userPath(dir), `${id}.py`)

/** The file of an exercise that was started, in whatever language. */
const fileIn = (dir: string, id: string): string | undefined =>
  [...scriptsIn(dir, id), pythonIn(dir, id)].find((name) => existsSync(name))

/** What one may call a file of an exercise by: it ends with a language. */
const FILE = /\.(?:ts|mjs|js|py)$/

/** An exercise by its name, or by that of its file, and the file where it is named. */
function named(text: string): { exercise: Exercise; file?: string } {
  return FILE.test(text)
    ? { exercise: find(basename(text).replace(FILE, '')), file: text }
    : { exercise: find(text) }
}

/** The file to check: in the folder of files, or from where the user stands. */
function fileToCheck(text: string, dir: string): { exercise: Exercise; file: string } {
  const { exercise, file } = named(text)
  const places = file === undefined ? [] : [join(userPath(dir), file), userPath(file)]
  const found = file === undefined ? fileIn(dir, exercise.id) : places.find((place) => existsSync(place))
  if (found !== undefined) return { exercise, file: found }
  const [missing] = [...places, scriptsIn(dir, exercise.id)[isTyped ? 0 : 1]]
  const python = file?.endsWith('.py') ? ' --python' : ''
  throw new CliError(`${missing} is not there: handgrad exercise start ${exercise.id}${python}`)
}

function list(_ids: readonly string[], { json }: Options, { out }: Io): Promise<number> {
  for (const { id, title } of exercises)
    out.line(json ? JSON.stringify({ id, title }) : `${id.padEnd(22)} ${title}`)
  return Promise.resolve(exitCodes.ok)
}

async function start(ids: readonly string[], { dir, python }: Options, { out, err }: Io): Promise<number> {
  if (ids.length === 0)
    throw new CliError('start what? handgrad exercise list shows the exercises', exitCodes.usage)
  const chosen = ids.map(find)
  await mkdir(userPath(dir), { recursive: true })
  for (const exercise of chosen) {
    const scripts = scriptsIn(dir, exercise.id)
    const files = python ? [pythonIn(dir, exercise.id)] : scripts
    const taken = files.find((file) => existsSync(file))
    if (taken !== undefined) throw new CliError(`${taken} is there already, and is left as it is`)
    const file = python ? files[0] : scripts[isTyped ? 0 : 1]
    await writeFile(file, python ? pythonStub(exercise) : stubOf(exercise, isTyped))
    out.line(file)
  }
  const own = chosen.map(({ id }) => (python ? `${id}.py` : id))
  err.line(`Write solve(), then: handgrad exercise check ${own.join(' ')}`)
  return exitCodes.ok
}

async function check(ids: readonly string[], { dir, seed, json, junit }: Options, io: Io): Promise<number> {
  const started = exercises.map(({ id }) => id).filter((id) => fileIn(dir, id) !== undefined)
  const chosen = (ids.length > 0 ? ids : started).map((text) => fileToCheck(text, dir))
  if (chosen.length === 0)
    throw new CliError(`no exercise was started in ${dir}: handgrad exercise start linear-db`)
  const verdicts: Verdict[] = []
  for (const { exercise, file } of chosen) {
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
  const { hints } = named(ids[0]).exercise
  const at = Math.max(1, Math.min(step, hints.length))
  out.line(hints[at - 1])
  if (at < hints.length) out.line(`More: --step ${at + 1} of ${hints.length}`)
  return Promise.resolve(exitCodes.ok)
}

const help = `
An exercise is a function solve() with one thing left out: a backward pass, a loss, a step of an optimizer. Yours is compared with the
library's own, on numbers drawn from --seed; where it differs, with the known mistakes, and with a central difference. It runs in a
worker that is ended after 5 s. Exit code ${exitCodes.gate} where something is not right yet.

With --python, start writes NAME.py, for numpy. check runs it with python3, or the Python that HANDGRAD_PYTHON names, which needs numpy:
exit code ${exitCodes.usage} without. Where there is NAME.ts too, NAME stands for that one.

Examples:
  handgrad exercise list
  handgrad exercise start conv2d-dx
  handgrad exercise hint conv2d-dx --step 2
  handgrad exercise check conv2d-dx --seed 1234
  handgrad exercise start adam --python
  handgrad exercise check adam.py
  handgrad exercise check --seed 1234 --json --junit results.xml
`
