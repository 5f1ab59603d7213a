import { fileURLToPath } from 'node:url'
import { goals, measureAccuracy } from '../bench/accuracy.ts'
import { ourContenders, peers } from '../bench/contenders.ts'
import { accuracyTable, kernelTable, memoryTable, ownLayerTable, speedTable } from '../bench/format.ts'
import { findInstalled, type Installed } from '../bench/installed.ts'
import { measureKernels } from '../bench/kernels.ts'
import { measureMemory } from '../bench/memory.ts'
import {
  type BenchOptions,
  checkCompareOptions,
  checkOptions,
  partNames,
  type RawOptions,
} from '../bench/options.ts'
import { measureOwnLayer } from '../bench/own-layer.ts'
import type { PartName, Speed, SpeedSetting } from '../bench/report.ts'
import { runCompare } from '../bench/run-compare.ts'
import { requireCommitted, save, stamp, thisMachine } from '../bench/save.ts'
import { SpeedTest } from '../bench/speed.ts'
import type { CommandModule } from '../command.ts'
import { exitCodes } from '../errors.ts'
import type { Io } from '../io.ts'
import { repository } from '../repository.ts'
import { dataFolder } from '../train/data-folder.ts'

const results = fileURLToPath(new URL('../../../../bench/results.json', import.meta.url))

interface Session {
  readonly options: BenchOptions
  readonly installed: Installed
  readonly mnist: string
  readonly io: Io
  readonly show: (lines: readonly string[]) => void
}

export const command: CommandModule = {
  summary:
    'speed beside PyTorch and the JavaScript libraries that are installed, kernel by kernel, own layers, memory, accuracy',
  define(program) {
    program
      .argument('[parts...]', `what to measure: ${partNames.join(', ')} (all but accuracy)`)
      .option('--networks <names...>', 'networks (seed lenet5 wide mlp)')
      .option('--batches <sizes...>', 'images per step (1 64 256)')
      .option('--threads <n...>', 'threads (1 2)')
      .option('--modes <names...>', 'train, infer (both)')
      .option(
        '--peers <names...>',
        'who to compare with, or none (pytorch onnxruntime tfjs jax-js convnetjs)',
      )
      .option('--pairs <n>', 'pairs that must count, ours and theirs in turn (7; with --compare 9)')
      .option('--milliseconds <n>', 'length of one measurement (150)')
      .option('--budget <seconds>', 'no more rounds of a setting after so long (40)')
      .option('--seeds <n>', 'seeds of accuracy (5)')
      .option('--python <path>', 'a Python with PyTorch (HANDGRAD_PYTHON, or that of bench:setup)')
      .option('--no-compile', 'leave torch.compile out: it takes a minute or more to compile')
      .option('--quick', 'a look: the seed network, batch 64, 3 pairs, no torch.compile')
      .option(
        '--compare <commit>',
        'how many times as fast as that commit this checkout is, with its 95 % range',
      )
      .option('--turbo', 'with --compare: only with --turbo (both)')
      .option('--no-turbo', 'with --compare: only without --turbo')
      .option('--json', 'one object per part')
      .option('--save', 'write bench/results.json')
    program.addHelpText('after', `\nPresets of accuracy: ${goals.map((goal) => goal.preset).join(', ')}.\n`)
  },
  async run({ options: raw, args, io }) {
    const { json = false, save: saving = false, python, compare } = raw as RawOptions
    const mnist = dataFolder('mnist', undefined)
    const words = ['pnpm bench', ...process.argv.slice(process.argv.indexOf('bench') + 1)].join(' ')
    if (compare !== undefined) {
      const options = checkCompareOptions(args, raw)
      return runCompare({ name: compare, options, mnist, json, words, io, root: repository })
    }
    const options = checkOptions(args, raw)
    if (saving) requireCommitted()
    const installed = findInstalled(options.peers, python)
    for (const line of installed.missing) io.err.line(`note: ${line}`)
    const show = (lines: readonly string[]): void => {
      if (!json) io.out.write(`${lines.join('\n')}\n`)
    }
    const session = { options, installed, mnist, io, show }
    const done: Partial<Record<PartName, object>> = {}
    for (const part of partNames.filter((name) => options.parts.includes(name))) {
      const from = performance.now()
      const measured = await measures[part](session)
      done[part] = stamp(measured, words, (performance.now() - from) / 1000)
      if (json) io.out.line(JSON.stringify({ part, machine: thisMachine(), ...done[part] }))
      if (saving) save(results, done)
    }
    return exitCodes.ok
  },
}

const measures: Readonly<Record<PartName, (session: Session) => Promise<object>>> = {
  speed: measureSpeed,
  async kernels({ show, mnist, options }) {
    const figures = await measureKernels(mnist, options, (run) => show(kernelTable(run)))
    show(
      figures.growth.map(({ quantity, network, points }) => {
        const times = points.map(
          ({ value, microsecondsPerImage }) => `${value}: ${microsecondsPerImage.toFixed(1)}`,
        )
        return `${network}, training, µs an image by ${quantity}: ${times.join(', ')}`
      }),
    )
    return figures
  },
  async 'own-layer'({ show, mnist, options }) {
    const figures = await measureOwnLayer(mnist, options)
    show(ownLayerTable(figures))
    return figures
  },
  async memory({ show }) {
    const memory = await measureMemory()
    show(memoryTable(memory))
    return memory
  },
  async accuracy({ options, installed, mnist, io, show }) {
    const note = (text: string): void => io.err.line(text)
    const figures = await measureAccuracy({ seeds: options.seeds, python: installed.python, mnist, note })
    show(accuracyTable(figures))
    return figures
  },
}

async function measureSpeed({ options, installed, mnist, io, show }: Session): Promise<Speed> {
  const { pairs, milliseconds, threads } = options
  const contenders = [
    ...ourContenders(mnist),
    ...peers(options.peers, mnist, installed.python, options.compile),
  ]
  const settings: SpeedSetting[] = []
  // Fresh processes for every network: none grows old.
  for (const group of Object.values(Object.groupBy(options.settings, ({ network }) => network))) {
    const test = new SpeedTest(contenders)
    try {
      for (const setting of group!) {
        const rounds = { pairs, milliseconds, threads, budget: options.budget * 1000 }
        const measured = await test.measure(setting, rounds).catch((error: unknown) => error as Error)
        if (measured instanceof Error) {
          io.err.line(`note: ${setting.network} ${setting.mode} ${setting.batch}: ${measured.message}`)
          continue
        }
        settings.push(measured)
        show(speedTable(measured))
      }
    } finally {
      test.stop()
    }
  }
  return { pairs, milliseconds, versions: installed.versions, settings }
}
