import type { Shell } from '../shell.ts'
import type { CommandWords, OptionWords, ProgramWords, Values } from '../words.ts'

const quoted = (text: string): string => `'${text.replace(/[\\']/g, String.raw`\$&`)}'`

/** What is offered for a value, as options of `complete`. */
function offer({ choices, paths }: Values): string {
  const words = [...choices, ...(paths === 'folders' ? ['(__fish_complete_directories)'] : [])]
  const own = words.length === 0 ? '' : ` -a ${quoted(words.join(' '))}`
  return `${paths === 'files' ? ' -F' : ' -f'}${own}`
}

function option(when: string, { flags, description, values }: OptionWords): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
  const value = values === null ? '' : ` -r${offer(values)}`
  return `complete -c handgrad -n ${quoted(when)} ${names.join(' ')}${value} -d ${quoted(description)}`
}

function lines({ name, summary, options, values }: CommandWords): string[] {
  const inside = `__handgrad_in ${name}`
  return [
    `complete -c handgrad -n __handgrad_first -f -a ${name} -d ${quoted(summary)}`,
    ...options.map((one) => option(inside, one)),
    `complete -c handgrad -n ${quoted(inside)}${offer(values)}`,
  ]
}

function script({ options, commands }: ProgramWords): string {
  return `# handgrad, completed by fish: what \`handgrad completion fish\` wrote.
function __handgrad_first
  test (count (commandline -opc)) -eq 1
end
function __handgrad_in
  set -l words (commandline -opc)
  test (count $words) -gt 1; and test $words[2] = $argv[1]
end
complete -c handgrad -e
${options.map((one) => option('__handgrad_first', one)).join('\n')}
${commands.flatMap(lines).join('\n')}
`
}

/** `handgrad completion fish`. */
export const shell: Shell = { script }
