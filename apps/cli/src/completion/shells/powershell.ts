import { flagsOf, type Shell } from '../shell.ts'
import type { CommandWords, OptionWords, ProgramWords, Values } from '../words.ts'

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Words with what they are: pairs, one a line. */
const pairs = (words: readonly (readonly [word: string, about: string])[]): string =>
  `@(${words.map(([word, about]) => `,@(${quoted(word)}, ${quoted(about)})`).join('; ')})`

const choices = ({ choices: all }: Values): string => pairs(all.map((word) => [word, word]))

const described = (options: readonly OptionWords[]): string =>
  pairs(options.flatMap(({ flags, description }) => flags.map((flag) => [flag, description] as const)))

const behind = ({ name, options }: CommandWords): string[] =>
  options.flatMap(({ flags, values }) =>
    values === null ? [] : flags.map((flag) => `    ${quoted(`${name} ${flag}`)} = ${choices(values)}`),
  )

function script({ options, commands }: ProgramWords): string {
  const names = commands.map(({ name, summary }) => [name, summary] as const)
  const top = flagsOf(options).map((flag) => [flag, flag] as const)
  return `# handgrad, completed by PowerShell: what \`handgrad completion powershell\` wrote.
Register-ArgumentCompleter -Native -CommandName handgrad -ScriptBlock {
  param($word, $line, $position)
  $first = ${pairs([...names, ...top])}
  $options = @{
${commands.map((one) => `    ${quoted(one.name)} = ${described(one.options)}`).join('\n')}
  }
  $arguments = @{
${commands.map((one) => `    ${quoted(one.name)} = ${choices(one.values)}`).join('\n')}
  }
  $behind = @{
${commands.flatMap(behind).join('\n')}
  }
  $words = @($line.CommandElements | Where-Object { $_.Extent.EndOffset -lt $position } | ForEach-Object { "$_" })
  $command = $words[1]
  if ($words.Count -lt 2) { $found = $first }
  elseif ($behind.ContainsKey("$command $($words[-1])")) { $found = $behind["$command $($words[-1])"] }
  elseif ($word.StartsWith('-')) { $found = $options[$command] }
  else { $found = $arguments[$command] }
  # Where nothing is found, PowerShell offers files.
  $found | Where-Object { $_ -and $_[0].StartsWith($word) } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_[0], $_[0], 'ParameterValue', $_[1])
  }
}
`
}

/** `handgrad completion powershell`. */
export const shell: Shell = { script }
