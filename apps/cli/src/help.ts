import type { Argument, Option } from 'commander'

/** What an option or argument is, what it can be, and what it is unless told; a switch is off. */
export function described(place: Option | Argument): string {
  const { description, argChoices, defaultValue, defaultValueDescription } = place
  const isSwitch = typeof defaultValue === 'boolean'
  const usual = defaultValueDescription ?? (isSwitch ? undefined : defaultValue)
  const parts = [argChoices?.join(', '), usual === undefined ? undefined : `default: ${String(usual)}`]
  const known = parts.filter((part) => part !== undefined)
  return known.length === 0 ? description : `${description} (${known.join('; ')})`
}
