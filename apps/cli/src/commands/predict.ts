import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { ImageDataset } from '@handgrad/data'
import { Tensor } from '@handgrad/tensor'
import { Argument } from 'commander'
import type { CommandModule } from '../command.ts'
import { CliError, exitCodes } from '../errors.ts'
import { reason } from '../files.ts'
import { type Io, userPath } from '../io.ts'
import { decodeImage } from '../predict/decode.ts'
import { fitInto, looksInverted } from '../predict/fit.ts'
import { picture } from '../predict/picture.ts'
import { softmax } from '../softmax.ts'
import { percent } from '../train/format.ts'
import { checkFinite, checkFit } from '../trained/evaluate.ts'
import { addSubjectOptions, readSubject, type Subject, type SubjectOptions } from '../trained/subject.ts'
import { testImage, testImages } from '../trained/test-images.ts'

interface Options extends SubjectOptions {
  readonly invert: boolean
  readonly json: boolean
  readonly quiet: boolean
}

/** An image as the network sees it. */
interface Seen {
  readonly name: string
  /** Grey values [28,28]. */
  readonly grey: Uint8Array
  /** Its class, where it is known. */
  readonly truth: number | null
  readonly notes: readonly string[]
}

const SIZE = 28

/** The grey value around an image: that of the datasets. */
const BLACK = 0

export const command: CommandModule = {
  summary: 'say what is in images: PNG or JPEG files, or test images by their numbers',
  define(parser) {
    parser
      .addArgument(new Argument('<source>', 'a run folder, or a model file (.safetensors, .onnx)'))
      .addArgument(new Argument('<image...>', 'files, or numbers of test images, counted from 0'))
    addSubjectOptions(parser)
    parser
      .option('--invert', 'the images are dark on light', false)
      .option('--json', 'print one JSON object an image', false)
      .addHelpText('after', help)
  },
  async run({ options, args: [source, ...images], io }) {
    const { invert, json, quiet, ...which } = options as unknown as Options
    const subject = await readSubject(source, which, (text) => io.err.line(`note: ${text}`))
    for (const seen of await readAll(images, subject, invert)) {
      const probabilities = await predict(subject, seen)
      if (json) io.out.line(JSON.stringify(asJson(seen, probabilities, subject)))
      else show(io, seen, probabilities, { ...subject, quiet })
    }
    return exitCodes.ok
  },
}

/** All images, before anything is said of the first. */
async function readAll(images: readonly string[], subject: Subject, invert: boolean): Promise<Seen[]> {
  const seen: Seen[] = []
  const test = images.some(isNumber) ? await testImages(subject) : null
  for (const image of images)
    if (isNumber(image))
      seen.push({ name: `test image ${image}`, ...testImage(test!, Number(image)), notes: [] })
    else seen.push(await fileImage(image, invert))
  return seen
}

const isNumber = (text: string): boolean => /^\d+$/.test(text)

async function fileImage(given: string, invert: boolean): Promise<Seen> {
  const bytes = await readFile(userPath(given)).catch((error: unknown) => {
    throw new CliError(`cannot read ${given}: ${reason(error)}`, undefined, { cause: error })
  })
  try {
    const { notes, ...image } = await decodeImage(bytes, invert ? 255 : BLACK)
    const grey = fitInto(invert ? inverted(image) : image, SIZE, BLACK)
    const isOdd = !invert && looksInverted(grey, SIZE)
    const advice = isOdd
      ? ['looks dark on light, and the network knows light on dark: --invert turns it']
      : []
    return { name: basename(given), grey, truth: null, notes: [...notes, ...advice] }
  } catch (error) {
    throw new CliError(`${given} ${(error as Error).message}`, undefined, { cause: error })
  }
}

const inverted = <T extends { readonly grey: Float32Array }>(image: T): T => ({
  ...image,
  grey: image.grey.map((value) => 255 - value),
})

/** The probability of each class. */
async function predict({ net, description }: Subject, { grey }: Seen): Promise<number[]> {
  const { mean, std, classes } = description
  const dataset = new ImageDataset({
    images: grey,
    labels: Uint8Array.of(0),
    height: SIZE,
    width: SIZE,
    mean,
    std,
  })
  checkFit(net, dataset, classes.length)
  const [x] = dataset.get(0)
  net.eval()
  const logits = [...net.forward(new Tensor<'float32'>(x.data, [1, 1, SIZE, SIZE])).data]
  checkFinite(logits, 'an output')
  return softmax(logits)
}

/** Classes by their probability, the most probable first. */
const ranked = (probabilities: readonly number[]): number[] =>
  probabilities.map((_, i) => i).sort((a, b) => probabilities[b] - probabilities[a])

function asJson(
  { name, truth, notes }: Seen,
  probabilities: readonly number[],
  { description }: Subject,
): object {
  const [first] = ranked(probabilities)
  const { classes } = description
  return {
    event: 'predicted',
    image: name,
    class: first,
    label: classes[first],
    probabilities,
    ...(truth !== null && { truth }),
    notes,
  }
}

function show(
  { out, err }: Io,
  { name, grey, truth, notes }: Seen,
  probabilities: readonly number[],
  { description, quiet }: Subject & { readonly quiet: boolean },
): void {
  const { classes } = description
  const plain = process.env['TERM'] === 'dumb'
  for (const line of quiet ? [] : picture(grey, SIZE, plain)) out.line(line)
  const [first, ...others] = ranked(probabilities)
  const said = (i: number): string => `${classes[i]} ${percent(probabilities[i])}`
  const right = truth === null ? '' : truth === first ? ' (right)' : ` (wrong: it is ${classes[truth]})`
  const rest = others.slice(0, 2).map(said).join(', ')
  out.line(`${name}: ${out.style('bold', said(first))}${right}, then ${rest}`)
  for (const note of notes) err.line(`note: ${name} ${note}`)
}

const help = `
Examples:
  handgrad predict runs/seed-1 digit.png          any size, PNG or JPEG, light on dark
  handgrad predict runs/seed-1 scan.jpg --invert  dark on light
  handgrad predict runs/seed-1 0 1 2 --json       the first three test images
  handgrad predict seed.onnx digit.png
`
