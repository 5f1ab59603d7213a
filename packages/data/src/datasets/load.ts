import { checkOptions, describeValue, formatShape, type OptionNames } from '@handgrad/tensor'
import { type DatasetDescription, fashionMnist, mnist } from './descriptions.ts'
import { type NamedIdx, readFromFolder } from './folder.ts'
import { ImageDataset } from './image-dataset.ts'

const HEIGHT = 28
const WIDTH = 28

/** How files are read. */
export interface LoadOptions {
  /** Compares each file's MD5 with the description's. Node only: browsers have no MD5. */
  verify?: boolean
}

const optionNames: OptionNames<LoadOptions> = { verify: true }

/** Both parts of a dataset. */
export interface LoadedDataset {
  readonly train: ImageDataset
  readonly test: ImageDataset
}

function imagesOf({ path, idx }: NamedIdx): Uint8Array {
  const [, height, width] = idx.shape
  if (height !== HEIGHT || width !== WIDTH)
    throw new Error(`${path}: holds images ${formatShape(idx.shape)}, expected [N,${HEIGHT},${WIDTH}]`)
  return idx.data
}

function labelsOf({ path, idx }: NamedIdx, classes: number): Uint8Array {
  const wrong = idx.data.findIndex((label) => label >= classes)
  if (wrong >= 0)
    throw new Error(`${path}: label ${wrong} is ${idx.data[wrong]}, expected 0 to ${classes - 1}`)
  return idx.data
}

function checkDescription(owner: string, description: unknown): void {
  const { title, classes } = (description ?? {}) as Partial<DatasetDescription>
  if (typeof title === 'string' && Array.isArray(classes)) return
  const came = describeValue(description)
  throw new TypeError(`${owner}: the description is ${came}, expected one of \`datasets\`, as \`mnist\``)
}

/**
 * Reads one part of a dataset from a folder (in a browser: a URL) of IDX files, plain or gzipped.
 * @throws Error, in one line that names the file, when one is missing, malformed, or does not fit the other.
 */
export async function loadPart(
  description: DatasetDescription,
  folder: string,
  part: 'train' | 'test',
  options: LoadOptions = {},
): Promise<ImageDataset> {
  checkOptions('loadPart', optionNames, arguments, 3)
  checkDescription('loadPart', description)
  const { verify = false } = options
  if (part !== 'train' && part !== 'test') {
    throw new RangeError(
      `${description.title}: the part is ${describeValue(part)}, expected 'train' or 'test'`,
    )
  }
  if (typeof folder !== 'string') {
    throw new TypeError(`${description.title}: the folder is ${describeValue(folder)}, expected its path`)
  }
  const prefix = part === 'train' ? 'train' : 't10k'
  const imageFile = await readFromFolder(description, folder, `${prefix}-images`, verify)
  const labelFile = await readFromFolder(description, folder, `${prefix}-labels`, verify)
  const images = imagesOf(imageFile)
  const labels = labelsOf(labelFile, description.classes.length)
  const count = imageFile.idx.shape[0]
  if (count !== labels.length) {
    throw new Error(
      `${imageFile.path}: has ${count} images, but ${labelFile.path} has ${labels.length} labels`,
    )
  }
  const { mean, std } = description
  return new ImageDataset({ images, labels, height: HEIGHT, width: WIDTH, mean, std })
}

/** Reads both parts of a dataset: see {@link loadPart}. */
export async function loadDataset(
  description: DatasetDescription,
  folder: string,
  options?: LoadOptions,
): Promise<LoadedDataset> {
  checkOptions('loadDataset', optionNames, arguments, 2)
  checkDescription('loadDataset', description)
  const train = await loadPart(description, folder, 'train', options)
  return { train, test: await loadPart(description, folder, 'test', options) }
}

/** Reads MNIST from a folder of its four IDX files: see {@link loadPart}. */
export async function loadMnist(folder: string, options?: LoadOptions): Promise<LoadedDataset> {
  checkOptions('loadMnist', optionNames, arguments, 1)
  return loadDataset(mnist, folder, options)
}

/** Reads Fashion-MNIST from a folder of its four IDX files: see {@link loadPart}. */
export async function loadFashionMnist(folder: string, options?: LoadOptions): Promise<LoadedDataset> {
  checkOptions('loadFashionMnist', optionNames, arguments, 1)
  return loadDataset(fashionMnist, folder, options)
}
