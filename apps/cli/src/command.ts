import { type Command, Option } from 'commander'
import type { Io } from './io.ts'

/** What every file of `commands/` exports as `command`; the file's name is the command's name. */
export interface CommandModule {
  /** One line for the list of commands. */
  readonly summary: string
  /** False where nothing is computed with the kernels, which then may be stale. */
  readonly computes?: false
  /** Adds the arguments, the options and the examples; `--quiet` is every command's. */
  define(command: Command): void
  /** Does the work; the result is the exit code. */
  run(call: CommandCall): Promise<number>
}

/**
 * Adds to a command all that it takes; gives whether it leaves `--quiet` to the program. One that has its own says itself what
 * is told all the same.
 */
export function define(command: Command, module: CommandModule): boolean {
  module.define(command)
  if (command.options.some(({ long }) => long === '--quiet')) return false
  command.addOption(new Option('--quiet', 'print the result alone, and errors').default(false))
  return true
}

/** One call of a command, its values parsed and checked. */
interface CommandCall {
  readonly options: Readonly<Record<string, unknown>>
  readonly args: readonly string[]
  readonly io: Io
}
