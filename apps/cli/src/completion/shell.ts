import type { OptionWords, ProgramWords } from './words.ts'

/** What every file of `completion/shells/` exports as `shell`. */
export interface Shell {
  /** The script that completes this program's command lines. */
  script(words: ProgramWords): string
}

/** A text in single quotes, as shells of the Bourne family read it. */
export const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

/** The long spellings of options. */
export const flagsOf = (options: readonly OptionWords[]): string[] => options.map(({ flags }) => flags[0])
