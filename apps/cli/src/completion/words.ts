import { type Argument, Command, type Option } from 'commander'
import { define } from '../command.ts'
import { commandNames, load, newProgram } from '../program.ts'

/** What can stand in a place of the command line. */
export interface Values {
  readonly choices: readonly string[]
  /** Whether it may be a path, and of what. */
  readonly paths: 'files' | 'folders' | null
}

/** An option, in all its spellings. */
export interface OptionWords {
  /** `--help`, and `-h` where there is a short one. */
  readonly flags: readonly string[]
  readonly description: string
  /** What it takes; null for a switch. */
  readonly values: Values | null
}

/** A command, as a shell needs it. */
export interface CommandWords {
  readonly name: string
  readonly summary: string
  readonly options: readonly OptionWords[]
  /** What its arguments can be, whichever. */
  readonly values: Values
}

/** All that can be typed. */
export interface ProgramWords {
  readonly options: readonly OptionWords[]
  readonly commands: readonly CommandWords[]
}

/** What can be typed, out of what the commands say of themselves. */
export async function programWords(): Promise<ProgramWords> {
  const names = await commandNames()
  const commands: CommandWords[] = []
  for (const name of names) {
    const module = await load(name)
    const command = new Command(name)
    define(command, module)
    const values = together(command.registeredArguments.map(valuesOf))
    commands.push({ name, summary: module.summary, options: optionsOf(command), values })
  }
  const help = { choices: names, paths: null }
  commands.push({ name: 'help', summary: 'show the help of a command', options: [], values: help })
  return { options: optionsOf(newProgram()), commands }
}

function optionsOf(command: Command): OptionWords[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map((option) => ({
      flags: [option.long, option.short].filter((flag) => flag != null),
      description: option.description,
      values: option.required || option.optional ? valuesOf(option) : null,
    }))
}

/** The names by which help calls a path; those of a folder first. */
const folders: ReadonlySet<string> = new Set(['folder', 'run'])
const files: ReadonlySet<string> = new Set(['file', 'path', 'source', 'weights', 'image', 'bundle'])

function valuesOf(place: Option | Argument): Values {
  const name = 'flags' in place ? /[<[]([\w-]+)/.exec(place.flags)![1] : place.name()
  const paths = folders.has(name) ? 'folders' : files.has(name) ? 'files' : null
  return { choices: place.argChoices ?? [], paths }
}

function together(all: readonly Values[]): Values {
  const paths = (['files', 'folders'] as const).find((kind) => all.some((one) => one.paths === kind)) ?? null
  return { choices: all.flatMap(({ choices }) => choices), paths }
}
