import { Tensor } from '@handgrad/tensor'
import { Argument, InvalidArgumentError } from 'commander'
import type { CommandModule } from '../command.ts'
import { CliError, exitCodes } from '../errors.ts'
import { type Explanation, explain } from '../explain/explain.ts'
import { classLines, printLayers } from '../explain/print.ts'
import type { Io } from '../io.ts'
import { ownCodeIn } from '../network/own-code.ts'
import { picture } from '../predict/picture.ts'
import { lossText, percent } from '../train/format.ts'
import { checkFit } from '../trained/evaluate.ts'
import { addSubjectOptions, readSubject, type Subject, type SubjectOptions } from '../trained/subject.ts'
import { testImage, testImages } from '../trained/test-images.ts'
import { paragraph } from '../wrap.ts'

interface Options extends SubjectOptions {
  readonly class?: string
  readonly terms: number
  readonly json: boolean
  readonly quiet: boolean
}

/** The image that is sent through. */
interface Shown {
  readonly index: number
  /** Grey values [H,W]. */
  readonly grey: Uint8Array
  readonly x: Tensor<'float32'>
  readonly truth: number
}

export const command: CommandModule = {
  summary: 'send one image through a network and back, number by number',
  define(parser) {
    parser
      .addArgument(new Argument('<source>', 'a run folder, or a model file (.safetensors, .onnx)'))
      .addArgument(
        new Argument('<index>', 'the number of a test image, counted from 0').argParser(wholeNumber),
      )
    addSubjectOptions(parser)
    parser
      .option('--class <name>', 'the class whose logit is followed (default: the one that the network says)')
      .option('--terms <n>', 'so many terms of each sum, those that weigh most', wholeNumber, 6)
      .option('--json', 'print one JSON object, with all terms', false)
      .addHelpText('after', help)
  },
  async run({ options, args, io }) {
    const { class: wanted, terms, json, quiet, ...which } = options as unknown as Options
    const subject = await readSubject(args[0], which, (text) => io.err.line(`note: ${text}`))
    const shown = await imageOf(subject, Number(args[1]))
    const followed = wanted === undefined ? undefined : classOf(wanted, subject)
    const own = ownCodeIn(subject.net)
    if (own !== null && 'layers' in own)
      throw new CliError(
        `${own.describe()} has a forward of its own: only layers that follow one another can be followed`,
      )
    const explanation = await explain(subject.net, shown.x, shown.truth, followed)
    if (json) io.out.line(JSON.stringify(asJson(shown, explanation, subject)))
    else show(io, { shown, explanation, subject, terms, quiet })
    return exitCodes.ok
  },
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('expected a whole number, 0 or more')
}

async function imageOf(subject: Subject, index: number): Promise<Shown> {
  const images = await testImages(subject)
  const { grey, truth } = testImage(images, index)
  checkFit(subject.net, images, subject.description.classes.length)
  const [x] = images.get(index)
  return { index, grey, truth, x: new Tensor<'float32'>(x.data, [1, ...x.shape]) }
}

/** A class by its name, or by its number. */
function classOf(wanted: string, { description: { classes } }: Subject): number {
  const found = classes.indexOf(wanted)
  const index = found < 0 && /^\d+$/.test(wanted) ? Number(wanted) : found
  if (index >= 0 && index < classes.length) return index
  throw new CliError(
    `--class ${wanted}: there is no such class, expected ${classes.join(', ')}`,
    exitCodes.usage,
  )
}

function asJson(
  { index, truth }: Shown,
  { classes, ...explanation }: Explanation,
  { description }: Subject,
): object {
  const named = classes.map((one, k) => ({ name: description.classes[k], ...one }))
  return { event: 'explained', image: index, truth, ...explanation, classes: named }
}

interface Told {
  readonly shown: Shown
  readonly explanation: Explanation
  readonly subject: Subject
  readonly terms: number
  readonly quiet: boolean
}

function show({ out }: Io, { shown, explanation, subject, terms, quiet }: Told): void {
  const { classes, title } = subject.description
  const { predicted, followed, loss, layers } = explanation
  const says = `the network says ${classes[predicted]}, ${percent(explanation.classes[predicted].probability)}`
  paragraph(
    out,
    `test image ${shown.index} of ${title} is ${classes[shown.truth]}; ${out.style('bold', says)}, loss ${lossText(loss)}`,
  )
  if (quiet) return
  const size = Math.sqrt(shown.grey.length)
  for (const line of picture(shown.grey, size, process.env['TERM'] === 'dumb')) out.line(line)
  const pixel = layers[0].from
  out.line()
  paragraph(
    out,
    `Followed is one number: the logit of ${classes[followed]}, in it the input that weighs most, in that again, down to the pixel x[${pixel.join(',')}].`,
  )
  const length = { terms, columns: out.live ? out.columns : Infinity }
  out.line()
  out.line(out.style('bold', 'FORWARD'))
  printLayers(out, layers, length, 'forward')
  out.line()
  out.line(out.style('bold', 'softmax and loss'))
  for (const line of classLines(explanation, classes, shown.truth, length.columns)) out.line(line)
  out.line()
  out.line(out.style('bold', 'BACKWARD'))
  printLayers(out, layers, length, 'backward')
}

const help = `
x is what a layer gets, y what it gives, w and b are its weights; d… is the gradient of the loss. Every value is the layer's own;
the terms that it is a sum of are written beside it.

Examples:
  handgrad explain runs/seed-1 0                 the first test image
  handgrad explain runs/seed-1 18 --class 3      another logit than that of the class that the network says
  handgrad explain runs/seed-1 0 --terms 72      whole sums
  handgrad explain seed.onnx 0 --json
`
