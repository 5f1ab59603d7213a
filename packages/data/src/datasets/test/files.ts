import type { IdxFile } from '../descriptions.ts'

/** An IDX file of `count` images whose bytes count up in sevens. */
export const images = (count: number, height = 28, width = 28): Uint8Array => {
  const pixels = Uint8Array.from({ length: count * height * width }, (_, i) => i * 7)
  return Uint8Array.from([0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, height, 0, 0, 0, width, ...pixels])
}

/** An IDX file of labels. */
export const labels = (...values: number[]): Uint8Array =>
  Uint8Array.from([0, 0, 8, 1, 0, 0, 0, values.length, ...values])

/** The four files of a small dataset in the MNIST format. */
export const good: Readonly<Record<IdxFile, Uint8Array>> = {
  'train-images': images(3),
  'train-labels': labels(9, 0, 5),
  't10k-images': images(2),
  't10k-labels': labels(1, 2),
}

/** What a file's name ends with. */
export const suffix = (file: string): string => (file.endsWith('images') ? 'idx3-ubyte' : 'idx1-ubyte')
