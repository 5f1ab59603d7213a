import { DataLoader } from '@handgrad/data'
import { type BackendName, currentBackend, formatShape, manualSeed, useBackend } from '@handgrad/tensor'
import { fields, resolveConfig } from '@handgrad/trainer'
import { Argument, InvalidArgumentError, Option } from 'commander'
import type { CommandModule } from '../command.ts'
import { exitCodes } from '../errors.ts'
import { imageShape } from '../export/source.ts'
import { type LayerRow, type NetworkTable, networkTable } from '../inspect/layers.ts'
import { oneStep, type Statistics } from '../inspect/step.ts'
import type { Io } from '../io.ts'
import { type Column, printTable } from '../table.ts'
import { count, lossText } from '../train/format.ts'
import { loadData } from '../train/load-data.ts'
import { shownPath } from '../train/run-folder.ts'
import { addSubjectOptions, readSubject, type Subject, type SubjectOptions } from '../trained/subject.ts'
import { paragraph } from '../wrap.ts'

interface Options extends SubjectOptions {
  readonly batchSize: number
  readonly backend?: BackendName
  readonly step: boolean
  readonly json: boolean
  readonly quiet: boolean
}

export const command: CommandModule = {
  summary:
    'show the layers of a trained network: shapes, parameters, work, kernels; and one batch through it',
  define(parser) {
    parser.addArgument(new Argument('<source>', 'a run folder, or a model file (.safetensors, .onnx)'))
    addSubjectOptions(parser)
    parser
      .option('--batch-size <n>', 'images of a batch', wholeNumber, 64)
      .addOption(new Option('--backend <backend>', 'kernels that compute').choices(fields.backend.choices!()))
      .option('--step', 'send one batch of training images forward and back, and show what comes', false)
      .option('--json', 'print one JSON object', false)
      .addHelpText('after', help)
  },
  async run({ options, args, io }) {
    const { batchSize, backend, step, json, quiet, ...which } = options as unknown as Options
    if (backend !== undefined) useBackend(backend)
    const subject = await readSubject(args[0], which, (text) => io.err.line(`note: ${text}`))
    const shape = [batchSize, ...imageShape]
    const { threads } = resolveConfig({})
    const table = networkTable(subject.net, shape, threads)
    const passed = step ? await stepOf(subject, batchSize) : null
    const path = shownPath(subject.path)
    if (json) {
      const about = { event: 'inspected', path, backend: currentBackend(), inputShape: shape }
      io.out.line(JSON.stringify({ ...about, ...table, ...(passed && { step: passed }) }))
      return exitCodes.ok
    }
    if (!quiet)
      paragraph(
        io.out,
        `${path}: ${subject.model ?? 'a network'} on ${currentBackend()}, batches ${formatShape(shape)}`,
      )
    showLayers(io, table, quiet)
    if (passed !== null) {
      if (!quiet) io.out.line()
      io.out.line(`one batch of training images: loss ${lossText(passed.loss)}`)
      if (quiet) return exitCodes.ok
      showStatistics(io, 'forward', passed.activations)
      showStatistics(io, 'gradients', passed.gradients)
    }
    return exitCodes.ok
  },
}

function wholeNumber(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('expected a whole number, 1 or more')
  return value
}

/** The first images that the run's seed draws. */
async function stepOf({ net, state, description, dataDir }: Subject, batchSize: number) {
  const config = state?.config ?? resolveConfig({ dataset: description.name })
  const { train } = await loadData(config, dataDir)
  manualSeed(config.seed)
  const [batch] = new DataLoader(train, { batchSize, shuffle: true })
  return oneStep(net, ...batch)
}

function showLayers(io: Io, { layers, parameters, multiplyAdds, bytes }: NetworkTable, quiet: boolean): void {
  const widest = (cell: (row: LayerRow) => string): number =>
    Math.max(...layers.map((row) => cell(row).length))
  const columns: Column<LayerRow>[] = [
    { title: '', width: 2, align: 'right', cell: ({ name }) => name },
    { title: 'layer', width: widest(({ layer }) => layer), cell: ({ layer }) => layer },
    {
      title: 'output',
      width: Math.max(
        6,
        widest(({ outputShape }) => formatShape(outputShape)),
      ),
      cell: ({ outputShape }) => formatShape(outputShape),
    },
    { title: 'parameters', width: 10, align: 'right', cell: (row) => count(row.parameters) },
    { title: 'mul-adds', width: 10, align: 'right', cell: (row) => count(row.multiplyAdds) },
    { title: 'kernel', width: widest(({ kernel }) => kernel), cell: ({ kernel }) => kernel },
  ]
  if (!quiet) printTable(io.out, columns, layers)
  const memory =
    bytes === null ? '' : `; a step takes ${(bytes / 2 ** 20).toFixed(1)} MB of the kernels' memory`
  paragraph(io.out, `${count(parameters)} parameters, ${count(multiplyAdds)} multiply-adds an image${memory}`)
}

function showStatistics(io: Io, title: string, rows: readonly Statistics[]): void {
  const number = (value: number): string => value.toExponential(2)
  const columns: Column<Statistics>[] = [
    {
      title,
      width: Math.max(title.length, ...rows.map(({ name }) => name.length)),
      cell: ({ name }) => name,
    },
    { title: 'mean', width: 9, align: 'right', cell: ({ mean }) => number(mean) },
    { title: 'deviation', width: 9, align: 'right', cell: ({ deviation }) => number(deviation) },
    { title: 'norm', width: 9, align: 'right', cell: ({ norm }) => number(norm) },
    { title: 'zeros', width: 6, align: 'right', cell: ({ zeros }) => `${(zeros * 100).toFixed(1)} %` },
  ]
  io.out.line()
  printTable(io.out, columns, rows)
}

const help = `
Examples:
  handgrad inspect runs/seed-1                    layers, shapes, parameters, work, and the kernel of each
  handgrad inspect runs/seed-1 --step             and one batch through it, forward and back
  handgrad inspect seed.onnx --batch-size 1 --backend reference
`
