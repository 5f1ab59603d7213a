import { presets } from '@handgrad/trainer'
import type { CommandModule } from '../command.ts'
import { CliError, exitCodes } from '../errors.ts'
import { userPath } from '../io.ts'
import { watchStop } from '../stop.ts'
import { trainOne } from '../train/one.ts'
import { addTrainOptions, splitOptions } from '../train/options.ts'
import { readPlan } from '../train/repeat/plan.ts'
import { beginRepeat, resumeRepeat } from '../train/repeat/repeat.ts'
import { newReporter } from '../train/reporter.ts'

export const command: CommandModule = {
  summary: 'train a network and measure it on the test set',
  define(program) {
    addTrainOptions(program)
    program.addHelpText('after', helpText())
  },
  async run({ options, io }) {
    const { given, flags } = splitOptions(options)
    const { resume, repeat } = flags
    const plan = resume === undefined ? null : await readPlan(userPath(resume))
    const isOneOfSeveral = plan !== null || repeat !== undefined
    const reporter = newReporter(io, { ...flags, isOneOfSeveral })
    const stop = watchStop(() => reporter.note('stopping after this batch; Ctrl-C again quits at once'))
    try {
      if (plan !== null) return await resumeRepeat({ given, flags, io, reporter, stop }, plan)
      if (repeat === undefined) return await trainOne(given, flags, reporter, stop)
      if (resume === undefined) return await beginRepeat({ given, flags, io, reporter, stop })
      throw new CliError('--repeat does not go with --resume: it is one run that goes on', exitCodes.usage)
    } finally {
      stop.dispose()
    }
  },
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
  handgrad train --repeat 5 --out runs/five      seeds 0 to 4, each in runs/five/seed-<n>; --resume runs/five goes on
  handgrad train --log tensorboard,csv           metrics.csv, and events for tensorboard --logdir runs
  handgrad train --epochs 50 --early-stop 5 --min-accuracy 0.98   for scripts: exit code 3 below 98 %
`
}
