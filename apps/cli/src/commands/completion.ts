import { Argument } from 'commander'
import type { CommandModule } from '../command.ts'
import type { Shell } from '../completion/shell.ts'
import { exitCodes } from '../errors.ts'

const shells: Readonly<Record<string, () => Promise<{ shell: Shell }>>> = {
  bash: () => import('../completion/shells/bash.ts'),
  zsh: () => import('../completion/shells/zsh.ts'),
  fish: () => import('../completion/shells/fish.ts'),
  powershell: () => import('../completion/shells/powershell.ts'),
}

export const command: CommandModule = {
  summary: 'print the script with which a shell completes commands, options and their values',
  computes: false,
  define(parser) {
    parser
      .addArgument(new Argument('<shell>', 'which one').choices(Object.keys(shells)))
      .option('--json', 'print what can be typed as one JSON object, for a shell that is not here', false)
      .addHelpText('after', help)
  },
  async run({ options, args: [name], io }) {
    const { shell } = await shells[name]()
    // It looks at all commands, which takes a moment.
    const { programWords } = await import('../completion/words.ts')
    const words = await programWords()
    io.out.write(options['json'] === true ? `${JSON.stringify(words)}\n` : shell.script(words))
    return exitCodes.ok
  },
}

const help = `
The script is made once and knows the commands of this version: make it again after an update.

Examples:
  handgrad completion bash > ~/.local/share/bash-completion/completions/handgrad
  handgrad completion zsh > ~/.zfunc/_handgrad        with fpath+=~/.zfunc before compinit in ~/.zshrc
  handgrad completion fish > ~/.config/fish/completions/handgrad.fish
  handgrad completion powershell >> $PROFILE
`
