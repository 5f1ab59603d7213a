import { CliError, oneLine } from './errors.ts'

/** Writes one file after another: one that cannot be written costs nothing but itself. */
export interface Keeper {
  /** Tries to write `name`. Gives what is wrong, in words, where it was not known of this name before; else null. */
  keep(name: string, write: () => Promise<void>): Promise<string | null>
  /** @throws CliError naming what could not be written, unless it was at a later try. */
  check(): void
}

/** A keeper of files. */
export function newKeeper(): Keeper {
  const missing = new Map<string, string>()
  return {
    async keep(name, write) {
      try {
        await write()
        missing.delete(name)
        return null
      } catch (error) {
        const known = missing.has(name)
        missing.set(name, oneLine(error))
        return known ? null : oneLine(error)
      }
    },
    check() {
      if (missing.size > 0) throw new CliError([...missing.values()].join('; '))
    },
  }
}
