import { quoted, type Shell } from '../shell.ts'
import type { CommandWords, OptionWords, ProgramWords, Values } from '../words.ts'

/** A text within brackets, or between colons, of `_arguments`. */
const escaped = (text: string): string => text.replace(/[\\[\]:]/g, String.raw`\$&`)

/** What `_arguments` does for a value. */
function action({ choices, paths }: Values): string {
  const files = { files: '_files', folders: '_files -/' }
  const words = choices.length === 0 ? [] : [`compadd -- ${choices.join(' ')}`]
  const all = [...words, ...(paths === null ? [] : [files[paths]])]
  return all.length === 0 ? ' ' : `{ ${all.join('; ')} }`
}

function option({ flags, description, values }: OptionWords): string {
  const others = flags.length > 1 ? `(${flags.join(' ')})` : ''
  const value = values === null ? '' : `:value:${action(values)}`
  return flags
    .map((flag) => {
      const name = values === null ? flag : flag.startsWith('--') ? `${flag}=` : `${flag}+`
      return `      ${quoted(`${others}${name}[${escaped(description)}]${value}`)}`
    })
    .join(' \\\n')
}

function branch({ name, options, values }: CommandWords): string {
  const rest = values.choices.length === 0 && values.paths === null ? [] : [`*:argument:${action(values)}`]
  const specs = [...options.map(option), ...rest.map((spec) => `      ${quoted(spec)}`)]
  return `    ${name}) _arguments \\\n${specs.join(' \\\n')} ;;`
}

function script({ options, commands }: ProgramWords): string {
  const described = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`)
  return `#compdef handgrad
# handgrad, completed by zsh: what \`handgrad completion zsh\` wrote.
_handgrad() {
  local -a commands=(
${described.join('\n')}
  )
  if ((CURRENT == 2)); then
    if [[ $words[2] == -* ]]; then
      _arguments \\
${options.map(option).join(' \\\n')}
    else
      _describe command commands
    fi
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${commands.map(branch).join('\n')}
  esac
}
if [[ $funcstack[1] == _handgrad ]]; then _handgrad "$@"; else compdef _handgrad handgrad; fi
`
}

/** `handgrad completion zsh`. */
export const shell: Shell = { script }
