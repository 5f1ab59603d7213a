import { presets } from '@handgrad/trainer'
import type { CommandModule } from '../command.ts'
import { CliError, exitCodes } from '../errors.ts'
import { type Io, userPath } from '../io.ts'
import { watchStop } from '../stop.ts'
import { trainOne } from '../train/one.ts'
import { addTrainOptions, splitOptions } from '../train/options.ts'
import { readPlan } from '../train/repeat/plan.ts'
import { beginRepeat, resumeRepeat } from '../train/repeat/repeat.ts'
import { newReporter } from '../train/reporter.ts'
import type { Watch } from '../train/watch/watch.ts'

export const command: CommandModule = {
  summary: 'train a network and measure it on the test set',
  define(program) {
    addTrainOptions(program)
    program.addHelpText('after', helpText())
  },
  async run({ options, io }) {
    const { given, flags } = splitOptions(options)
    const { resume, repeat, watch: isWatched } = flags
    const plan = resume === undefined ? null : await readPlan(userPath(resume))
    const isOneOfSeveral = plan !== null || repeat !== undefined
    const reporter = newReporter(io, { ...flags, isOneOfSeveral })
    const watch = isWatched === true ? await openPage(io) : undefined
    const stop = watchStop(() => reporter.note('stopping after this batch; Ctrl-C again quits at once'))
    const call = { given, flags, io, reporter, stop, watch }
    try {
      if (plan !== null) return await resumeRepeat(call, plan)
      if (repeat === undefined) return await trainOne(given, flags, call)
      if (resume === undefined) return await beginRepeat(call)
      throw new CliError('--repeat does not go with --resume: it is one run that goes on', exitCodes.usage)
    } finally {
      await watch?.close()
      stop.dispose()
    }
  },
}

/** The page and what draws it are loaded only where they are asked for. */
async function openPage(io: Io): Promise<Watch> {
  const { openWatch } = await import('../train/watch/watch.ts')
  return openWatch(io)
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
  handgrad train --watch                         live curves, filters and mistakes, in a page on this machine
  handgrad train --log tensorboard,csv           metrics.csv, and events for tensorboard --logdir runs
  handgrad train --epochs 50 --early-stop 5 --min-accuracy 0.98   for scripts: exit code 3 below 98 %
`
}
