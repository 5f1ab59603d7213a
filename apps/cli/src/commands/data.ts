import {
  type DatasetFile,
  datasetDigest,
  datasetFiles,
  datasets,
  type ImageDataset,
  loadDataset,
} from '@handgrad/data'
import { formatShape } from '@handgrad/tensor'
import { Argument, InvalidArgumentError } from 'commander'
import type { CommandModule } from '../command.ts'
import { type Survey, survey } from '../data/survey.ts'
import { exitCodes } from '../errors.ts'
import { writeWhole } from '../files.ts'
import { type Io, userPath } from '../io.ts'
import { type Column, printTable } from '../table.ts'
import { dataFolder } from '../train/data-folder.ts'
import { paragraph } from '../wrap.ts'

interface Options {
  readonly dataDir?: string
  readonly sheet?: string
  readonly json: boolean
  readonly quiet: boolean
}

/** All that the command says. */
interface Report {
  readonly dataset: string
  readonly title: string
  readonly folder: string
  readonly digest: string
  readonly files: readonly DatasetFile[]
  readonly classes: readonly string[]
  /** What training subtracts and divides by. */
  readonly normalization: { readonly mean: number; readonly std: number }
  readonly train: Survey
  readonly test: Survey
}

export const command: CommandModule = {
  summary: 'say what a dataset holds and where it is: files, checksums, sizes, classes, mean and deviation',
  computes: false,
  define(program) {
    program
      .addArgument(new Argument('<dataset>', 'which one').choices(datasets.map(({ name }) => name)))
      .option('--data-dir <folder>', 'folder of its four IDX files (default: where the program finds them)')
      .option('--sheet <file>', 'draw the first images of each class, as .png or .svg', picture)
      .option('--json', 'print one JSON object', false)
      .addHelpText('after', help)
  },
  async run({ options, args, io }) {
    const { dataDir, sheet, json, quiet } = options as unknown as Options
    const description = datasets.find(({ name }) => name === args[0])!
    const folder = dataFolder(description.name, dataDir)
    const { train, test } = await loadDataset(description, folder)
    const { name, title, classes, mean, std } = description
    const report: Report = {
      dataset: name,
      title,
      folder,
      digest: await datasetDigest([train, test]),
      files: await datasetFiles(description, folder),
      classes,
      normalization: { mean, std },
      train: survey(train, classes.length),
      test: survey(test, classes.length),
    }
    if (sheet !== undefined) await draw(userPath(sheet), report, train)
    if (json) io.out.line(JSON.stringify(report))
    else if (quiet) io.out.line(report.digest)
    else print(io, report)
    return exitCodes.ok
  },
}

function picture(path: string): string {
  if (/\.(png|svg)$/i.test(path)) return path
  throw new InvalidArgumentError('expected a file that ends in .png or .svg')
}

/** What draws is loaded by those who want a picture. */
async function draw(path: string, { title, classes }: Report, train: ImageDataset): Promise<void> {
  const { samplesSvg } = await import('../plots/samples.ts')
  const svg = samplesSvg(train, classes, `${title}: the first training images of each class`)
  const isSvg = path.toLowerCase().endsWith('.svg')
  await writeWhole(path, isSvg ? svg : (await import('../plots/png.ts')).toPng(svg))
}

const whole = (value: number): string => value.toLocaleString('en')
const verdicts = new Map([
  [true, 'original'],
  [false, 'CHANGED'],
  [null, 'not known'],
])

const fileColumns: readonly Column<DatasetFile>[] = [
  { title: 'file', width: 12, cell: ({ file }) => file },
  { title: 'bytes', width: 10, align: 'right', cell: ({ bytes }) => whole(bytes) },
  { title: 'MD5', width: 32, cell: ({ md5 }) => md5 },
  { title: 'MD5 is', width: 9, keep: true, cell: ({ isOriginal }) => verdicts.get(isOriginal)! },
]

interface Part extends Survey {
  readonly name: string
}

const partColumns: readonly Column<Part>[] = [
  { title: 'part', width: 5, cell: ({ name }) => name },
  { title: 'images', width: 7, align: 'right', cell: ({ images }) => whole(images) },
  { title: 'shape', width: 9, cell: ({ shape }) => formatShape(shape) },
  { title: 'mean', width: 6, align: 'right', cell: ({ mean }) => mean.toFixed(4) },
  { title: 'deviation', width: 9, align: 'right', cell: ({ std }) => std.toFixed(4) },
]

interface ClassRow {
  readonly name: string
  readonly train: number
  readonly test: number
}

const classColumns = (names: readonly string[]): readonly Column<ClassRow>[] => [
  { title: 'class', width: Math.max(5, ...names.map(({ length }) => length)), cell: ({ name }) => name },
  { title: 'train', width: 7, align: 'right', cell: ({ train }) => whole(train) },
  { title: 'test', width: 7, align: 'right', cell: ({ test }) => whole(test) },
]

function print({ out }: Io, report: Report): void {
  const { dataset, title, folder, digest, files, classes, normalization, train, test } = report
  const table = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): void => {
    out.line()
    printTable(out, columns, rows)
  }
  paragraph(out, `${title} (${dataset}), in ${folder}`)
  paragraph(out, `digest ${digest}`)
  table(fileColumns, files)
  table(partColumns, [
    { name: 'train', ...train },
    { name: 'test', ...test },
  ])
  paragraph(
    out,
    `training makes (pixel / 255 - ${normalization.mean}) / ${normalization.std} of each pixel; mean and deviation are of pixel / 255`,
  )
  table(
    classColumns(classes),
    classes.map((name, i) => ({ name, train: train.counts[i], test: test.counts[i] })),
  )
}

const help = `
Examples:
  handgrad data mnist
  handgrad data mnist --sheet digits.png
  handgrad data fashion-mnist --data-dir my-clothes --json
`
