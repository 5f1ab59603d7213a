import { type Confusion, resolveConfig, TrainingRun } from '@handgrad/trainer'
import { Argument, Option } from 'commander'
import type { CommandModule } from '../command.ts'
import { CliError, exitCodes } from '../errors.ts'
import type { Io } from '../io.ts'
import { type Column, printTable } from '../table.ts'
import { count, lossText, percent } from '../train/format.ts'
import { loadData } from '../train/load-data.ts'
import { shownPath } from '../train/run-folder.ts'
import { type Evaluation, evaluate } from '../trained/evaluate.ts'
import { addSubjectOptions, readSubject, type Subject, type SubjectOptions } from '../trained/subject.ts'
import { paragraph } from '../wrap.ts'

interface Options extends SubjectOptions {
  readonly part: 'test' | 'validation'
  readonly json: boolean
  readonly quiet: boolean
}

/** One class, and how its images fared. */
interface ClassRow {
  readonly name: string
  readonly images: number
  readonly right: number
  /** Of those that were taken for it, the share that is of it; null when there were none. */
  readonly precision: number | null
  /** Of its images, the share that was taken for it; null when it has none. */
  readonly recall: number | null
  /** The class that its images were most often taken for instead; null when there was none. */
  readonly confusedWith: string | null
}

export const command: CommandModule = {
  summary: 'measure a trained network: loss, accuracy, every class, and what it confuses',
  define(parser) {
    parser.addArgument(new Argument('<source>', 'a run folder, or a model file (.safetensors, .onnx)'))
    addSubjectOptions(parser)
    parser
      .addOption(
        new Option('--part <part>', 'the test images, or those that validated the run')
          .choices(['test', 'validation'])
          .default('test'),
      )
      .option('--json', 'print one JSON object', false)
      .addHelpText('after', help)
  },
  async run({ options, args, io }) {
    const { part, json, quiet, ...which } = options as unknown as Options
    const subject = await readSubject(args[0], which, (text) => io.err.line(`note: ${text}`))
    const evaluation = await measure(subject, part)
    const classes = classRows(evaluation.confusion, subject.description.classes)
    const { images, loss, accuracy, confusion } = evaluation
    const path = shownPath(subject.path)
    if (json) {
      const table = classes.map((_, i) => classes.map((__, j) => confusion.at(i, j)))
      io.out.line(
        JSON.stringify({ event: 'evaluated', path, part, images, accuracy, loss, classes, confusion: table }),
      )
    } else {
      if (!quiet)
        paragraph(io.out, `${path} on ${count(images)} ${part} images of ${subject.description.title}`)
      show(io, evaluation, quiet ? [] : classes)
    }
    return exitCodes.ok
  },
}

/** Images that validated the run are found as the run found them: by its seed. */
async function measure(subject: Subject, part: Options['part']): Promise<Evaluation> {
  const { net, description, state, network, dataDir } = subject
  const config = state?.config ?? resolveConfig({ dataset: description.name })
  const data = await loadData(config, dataDir)
  const classes = description.classes.length
  if (part === 'test') return evaluate(net, data.test, classes, resolveConfig({}).threads)
  if (state === undefined)
    throw new CliError(
      '--part validation goes with a run: which images those are follows from its seed',
      exitCodes.usage,
    )
  const { validation } = new TrainingRun(config, data, undefined, { network })
  return evaluate(net, validation.dataset as typeof data.test, classes, resolveConfig({}).threads)
}

function classRows(confusion: Confusion, names: readonly string[]): ClassRow[] {
  const all = names.map((_, i) => i)
  const sum = (counts: readonly number[]): number => counts.reduce((total, value) => total + value, 0)
  return names.map((name, i) => {
    const row = all.map((j) => confusion.at(i, j))
    const [images, taken, right] = [sum(row), sum(all.map((j) => confusion.at(j, i))), row[i]]
    const others = row.map((value, j) => (j === i ? 0 : value))
    const most = Math.max(...others)
    return {
      name,
      images,
      right,
      precision: taken === 0 ? null : right / taken,
      recall: images === 0 ? null : right / images,
      confusedWith: most === 0 ? null : names[others.indexOf(most)],
    }
  })
}

const share = (value: number | null): string => (value === null ? '-' : percent(value))

function show({ out }: Io, { accuracy, loss, confusion }: Evaluation, rows: readonly ClassRow[]): void {
  out.line(`${out.style('bold', `accuracy ${percent(accuracy)}`)}, loss ${lossText(loss)}`)
  if (rows.length === 0) return
  const width = Math.max(5, ...rows.map(({ name }) => name.length))
  const columns: Column<ClassRow>[] = [
    { title: 'class', width, cell: ({ name }) => name },
    { title: 'images', width: 6, align: 'right', cell: ({ images }) => count(images) },
    { title: 'recall', width: 8, align: 'right', cell: ({ recall }) => share(recall) },
    { title: 'precision', width: 9, align: 'right', cell: ({ precision }) => share(precision) },
    { title: 'taken for', width: 9, cell: ({ confusedWith }) => confusedWith ?? '-' },
  ]
  out.line()
  printTable(out, columns, rows)
  const lines = confusionLines(confusion, rows)
  if (out.live && lines[0].length > out.columns) return
  out.line()
  paragraph(out, out.style('dim', 'true class below, what it was taken for to the right'))
  for (const line of lines) out.line(line)
}

/** The confusion as lines; classes by their numbers, in the order of the table above. */
function confusionLines(confusion: Confusion, rows: readonly ClassRow[]): string[] {
  const all = rows.map((_, i) => i)
  const counts = all.map((i) => all.map((j) => confusion.at(i, j)))
  const width = Math.max(...counts.flat().map((value) => String(value).length), 2) + 1
  const cells = (values: readonly (string | number)[]): string =>
    values.map((value) => String(value).padStart(width)).join('')
  return [cells(['', ...all]), ...counts.map((row, i) => cells([i, ...row]))]
}

const help = `
Examples:
  handgrad eval runs/seed-1                      the weights that were tested, on the test images
  handgrad eval runs/seed-1 --best --part validation
  handgrad eval weights.safetensors --model seed --dataset mnist
  handgrad eval runs/net-1 --model ./net.ts      a run of a network of your own
  handgrad eval seed.onnx --json                 for a program to read
`
