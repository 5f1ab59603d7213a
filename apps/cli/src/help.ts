import { type Argument, Help, type Option } from 'commander'
import { wrapped } from './wrap.ts'

/** What an option or argument is, what it can be, and what it is unless told; a switch is off. */
export function described(place: Option | Argument): string {
  const { description, argChoices, defaultValue, defaultValueDescription } = place
  const isSwitch = typeof defaultValue === 'boolean'
  const usual = defaultValueDescription ?? (isSwitch ? undefined : defaultValue)
  const parts = [argChoices?.join(', '), usual === undefined ? undefined : `default: ${String(usual)}`]
  const known = parts.filter((part) => part !== undefined)
  return known.length === 0 ? description : `${description} (${known.join('; ')})`
}

/** A terminal with fewer columns has no room for a text beside what it is about. */
const NARROW = 60

/** One line of a list of options, arguments or commands; on a narrow terminal the text stands below what it is about. */
export function formatItem(term: string, width: number, text: string, help: Help): string {
  const columns = help.helpWidth ?? 80
  if (columns >= NARROW || text === '') return Help.prototype.formatItem.call(help, term, width, text, help)
  return [`  ${term}`, ...wrapped(text, columns - 6).map((line) => `      ${line}`)].join('\n')
}
