import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { repository } from '../repository.ts'
import { dataFolder } from '../train/data-folder.ts'

/** The bytes of an IDX file of unsigned bytes. */
export function idx(shape: readonly number[], data: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length))
  header.setUint32(0, 0x0800 + shape.length)
  shape.forEach((extent, axis) => header.setUint32(4 + 4 * axis, extent))
  return new Uint8Array(Buffer.concat([new Uint8Array(header.buffer), data]))
}

/** The four files of a small dataset in the MNIST format: `count` images in which a bright row says the class. */
export function idxFiles(count: number): Record<string, Uint8Array> {
  const labels = Uint8Array.from({ length: count }, (_, i) => (i * 7) % 10)
  const images = new Uint8Array(count * 784)
  labels.forEach((label, i) =>
    images.fill(255, i * 784 + 28 * (2 * label + 4), i * 784 + 28 * (2 * label + 5)),
  )
  const files = { images: idx([count, 28, 28], images), labels: idx([count], labels) }
  return {
    'train-images-idx3-ubyte': files.images,
    'train-labels-idx1-ubyte': files.labels,
    't10k-images-idx3-ubyte': files.images,
    't10k-labels-idx1-ubyte': files.labels,
  }
}

/** The first `bytes` of a file behind `start`. */
function bytesOf(path: string, start: number, bytes: number): Uint8Array {
  const file = openSync(path, 'r')
  try {
    const read = new Uint8Array(bytes)
    if (readSync(file, read, 0, bytes, start) !== bytes) throw new Error(`${path} is too short`)
    return read
  } finally {
    closeSync(file)
  }
}

/**
 * A folder with the first 400 images of both parts of MNIST: a run on it starts a second sooner than one that reads all
 * 70,000, and sees the same with `--limit 400`.
 */
export function smallMnist(): string {
  const count = 400
  const cache = fileURLToPath(new URL('node_modules/.cache/', repository))
  const folder = join(cache, `mnist-${count}`)
  if (existsSync(folder)) return folder
  const whole = dataFolder('mnist', undefined)
  const files = ['train', 't10k'].flatMap((part): [string, Uint8Array][] => {
    const images = `${part}-images-idx3-ubyte`
    const labels = `${part}-labels-idx1-ubyte`
    return [
      [images, idx([count, 28, 28], bytesOf(join(whole, images), 16, count * 784))],
      [labels, idx([count], bytesOf(join(whole, labels), 8, count))],
    ]
  })
  mkdirSync(cache, { recursive: true })
  const made = writeFiles(mkdtempSync(`${folder}-`), Object.fromEntries(files))
  try {
    renameSync(made, folder)
  } catch {
    // Another process was faster: its files are the same.
    rmSync(made, { recursive: true })
  }
  return folder
}

/** Writes files into `folder`, which is made. */
export function writeFiles(folder: string, files: Readonly<Record<string, Uint8Array>>): string {
  mkdirSync(folder, { recursive: true })
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
  return folder
}
