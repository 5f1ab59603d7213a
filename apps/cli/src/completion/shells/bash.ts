import { flagsOf, quoted, type Shell } from '../shell.ts'
import type { CommandWords, ProgramWords, Values } from '../words.ts'

/** Words to choose from, and whether paths are offered: two variables of the function below. */
const offer = (words: readonly string[], paths: Values['paths']): string =>
  `words=${quoted(words.join(' '))} paths=${paths ?? 'none'} ;;`

/** The places behind an option that takes something. */
const behind = ({ name, options }: CommandWords): string[] =>
  options.flatMap(({ flags, values }) => {
    if (values === null) return []
    const places = flags.map((flag) => quoted(`${name} ${flag}`))
    return [`    ${places.join(' | ')}) ${offer(values.choices, values.paths)}`]
  })

/** Every other place: options where one was begun, or where nothing else can stand. */
function elsewhere({ name, options, values }: CommandWords): string[] {
  const flags = offer(flagsOf(options), null)
  const isBare = values.choices.length === 0 && values.paths === null
  return [
    `    ${quoted(`${name} -`)}*) ${flags}`,
    `    ${quoted(`${name} `)}*) ${isBare ? flags : offer(values.choices, values.paths)}`,
  ]
}

function script({ options, commands }: ProgramWords): string {
  const first = [...commands.map(({ name }) => name), ...flagsOf(options)]
  return `# handgrad, completed by bash: what \`handgrad completion bash\` wrote.
_handgrad_behind() {
  case "$1" in
${commands.flatMap(behind).join('\n')}
    *) return 1 ;;
  esac
}

_handgrad_elsewhere() {
  case "$1" in
    ' '*) ${offer(first, null)}
${commands.flatMap(elsewhere).join('\n')}
  esac
}

_handgrad() {
  local command="\${COMP_WORDS[1]}" before="\${COMP_WORDS[COMP_CWORD - 1]}" word="\${COMP_WORDS[COMP_CWORD]}"
  local words= paths=none
  # --name=value comes as three words.
  if [[ $word == = ]]; then word=; elif [[ $before == = ]]; then before="\${COMP_WORDS[COMP_CWORD - 2]}"; fi
  ((COMP_CWORD == 1)) && command=
  _handgrad_behind "$command $before" || _handgrad_elsewhere "$command $word"
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  # Where no word fits, bash offers files by itself; an older one without compopt offers them everywhere.
  case $paths in
    folders) compopt -o dirnames +o default ;;
    none) compopt +o default ;;
  esac 2> /dev/null
}
complete -o default -F _handgrad handgrad
`
}

/** `handgrad completion bash`. */
export const shell: Shell = { script }
