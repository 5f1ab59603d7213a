import { presets } from '@handgrad/trainer'
import type { CommandModule } from '../command.ts'
import { CliError } from '../errors.ts'
import { folderContents } from '../files.ts'
import { userPath } from '../io.ts'
import { watchStop } from '../stop.ts'
import { begin } from '../train/begin.ts'
import { addTrainOptions, splitOptions, type TrainFlags } from '../train/options.ts'
import { newReporter } from '../train/reporter.ts'
import { type RunFolder, reopenRunFolder } from '../train/run-folder.ts'
import { train } from '../train/session.ts'

export const command: CommandModule = {
  summary: 'train a network and measure it on the test set',
  define(program) {
    addTrainOptions(program)
    program.addHelpText('after', helpText())
  },
  async run({ options, io }) {
    const { given, flags } = splitOptions(options)
    const reporter = newReporter(io, flags)
    const stop = watchStop(() => reporter.note('stopping after this batch; Ctrl-C again quits at once'))
    let folder: RunFolder | undefined
    try {
      if (flags.resume !== undefined) folder = await resumedFolder(flags)
      const session = await begin(given, flags, reporter, stop, folder)
      folder = session.folder
      return await train(session)
    } finally {
      await folder?.close()
      stop.dispose()
    }
  },
}

/** The run's own folder, locked before its checkpoints are read; undefined where the run goes on in another. */
async function resumedFolder({ resume, out }: TrainFlags): Promise<RunFolder | undefined> {
  if ((await folderContents(userPath(resume!))) === null)
    throw new CliError(`${resume} cannot be resumed: no state.safetensors, and no such folder`)
  return out === undefined ? reopenRunFolder(resume!) : undefined
}

function helpText(): string {
  const lines = Object.entries(presets).map(([name, { description }]) => `  ${name.padEnd(9)} ${description}`)
  return `
--model ./net.ts is a network of your own: a module whose default export, or net, is a function that makes a Sequential of
@handgrad/layers. The run keeps the digest of its files, and goes on with no others. Other commands are told --model too:
no file of a run can make this program load a module.

Presets:
${lines.join('\n')}

Examples:
  handgrad train                                 the default preset on MNIST
  handgrad train --preset seed --epochs 1        the plain recipe, one pass
  handgrad train --model lenet5 --out runs/lenet another network, a folder of your choice
  handgrad train --model ./net.ts                a network of your own
  handgrad train --limit 2000 --json             a quick trial, for a program to read
  handgrad train --resume runs/seed-1            go on with a run that was stopped or killed
  handgrad train --config runs/seed-1/config.json            the same run again
  handgrad train --log tensorboard,csv           metrics.csv, and events for tensorboard --logdir runs
  handgrad train --epochs 50 --early-stop 5 --min-accuracy 0.98   for scripts: exit code 3 below 98 %
`
}
