import { readdir, readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { Command, CommanderError } from 'commander'
import { type CommandModule, define } from './command.ts'
import { CliError, exitCodes, oneLine } from './errors.ts'
import { described, formatItem } from './help.ts'
import { type Io, quietIo } from './io.ts'
import { version } from './manifest.ts'
import { checkoutCommands, isCheckout } from './repository.ts'

const folder = new URL('./commands/', import.meta.url)

/** The names of the commands: those of the files in `commands/`. */
export async function commandNames(): Promise<string[]> {
  const files = await readdir(folder)
  return files
    .filter((file) => /^[a-z][a-z0-9-]*\.(ts|js)$/.test(file))
    .map((file) => basename(file).replace(/\.\w+$/, ''))
    .sort()
}

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/** The one line of a command, out of its text: to load all that it needs takes many times as long. */
export async function summaryOf(name: string): Promise<string> {
  const text = await readFile(new URL(`${name}.${extension}`, folder), 'utf8')
  const found = /\bsummary:\s*(?:'([^'\\]+)'|"([^"\\]+)")/.exec(text)
  if (found === null) throw new Error(`commands/${name}.${extension} has no summary that is one plain text`)
  return found[1] ?? found[2]
}

/** Loads a command with all that it needs. */
export async function load(name: string): Promise<CommandModule> {
  const module = (await import(new URL(`${name}.${extension}`, folder).href)) as { command?: CommandModule }
  if (module.command === undefined) throw new Error(`commands/${name}.${extension} does not export 'command'`)
  return module.command
}

/** Parses `argv` (without node and script), runs the command, after `ready`, and gives the exit code. */
export async function run(
  argv: readonly string[],
  io: Io,
  ready: () => Promise<void> = async () => {},
): Promise<number> {
  const names = await commandNames()
  if (!isCheckout && checkoutCommands.includes(argv[0])) {
    const where = 'run it in a checkout of https://github.com/handgrad/handgrad'
    throw new CliError(
      `${argv[0]} looks at the repository's own layers and results: ${where}`,
      exitCodes.usage,
    )
  }
  // The others are only needed for the list of them: each start stays as light as its own imports.
  const wanted = names.filter((name) => name === (argv[0] === 'help' ? argv[1] : argv[0]))
  const state = { exitCode: exitCodes.ok as number }
  const program = newProgram().configureOutput({
    writeOut: (text) => io.out.write(text),
    writeErr: (text) => io.err.write(text),
    outputError: (text, write) => write(`${oneLine(text)}\n`),
  })
  for (const name of wanted) addCommand(program, name, await load(name), { io, state, ready })
  if (wanted.length === 0) for (const name of names) program.command(name).summary(await summaryOf(name))
  try {
    await program.parseAsync(withoutSeparator(argv), { from: 'user' })
    return state.exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  }
}

/** `pnpm train -- --epochs 1` hands the `--` on; people type it out of habit. */
function withoutSeparator(argv: readonly string[]): string[] {
  return argv[1] === '--' ? [argv[0], ...argv.slice(2)] : [...argv]
}

/** The program without its commands. */
export function newProgram(): Command {
  return new Command('handgrad')
    .description('A convolutional network trained with hand-written gradients.')
    .version(version)
    .exitOverride()
    .configureHelp({ optionDescription: described, argumentDescription: described, formatItem })
    .addHelpText('afterAll', exitCodeHelp)
}

interface Call {
  readonly io: Io
  readonly state: { exitCode: number }
  readonly ready: () => Promise<void>
}

function addCommand(program: Command, name: string, module: CommandModule, { io, state, ready }: Call): void {
  const command = program.command(name).summary(module.summary).description(module.summary)
  const isSilenced = define(command, module)
  command.action(async () => {
    if (module.computes !== false) await ready()
    const options = command.opts()
    const heard = isSilenced && options['quiet'] === true ? quietIo(io) : io
    state.exitCode = await module.run({ options, args: command.args, io: heard })
  })
}

const exitCodeHelp = `
Exit codes: ${exitCodes.ok} done, ${exitCodes.failure} failed, ${exitCodes.usage} wrong option or value, \
${exitCodes.gate} a check was not passed; stopped by
Ctrl-C ${exitCodes.interrupted}, SIGTERM ${exitCodes.terminated}, a closed terminal ${exitCodes.hungUp}; \
${exitCodes.brokenPipe} the reader of the output has gone.
`
