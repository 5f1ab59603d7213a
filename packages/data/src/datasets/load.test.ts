import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readIdx } from '../idx/read.ts'
import { platform as browser } from '../platform/browser.ts'
import { fashionMnist, type IdxFile, mnist } from './descriptions.ts'
import { loadDataset, loadFashionMnist, loadMnist, loadPart } from './load.ts'
import { good, images, labels, suffix } from './test/files.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'handgrad-data-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function write(
  files: Partial<Record<IdxFile, Uint8Array>>,
  name = (file: string) => `${file}-${suffix(file)}`,
) {
  for (const [file, bytes] of Object.entries(files)) await writeFile(join(folder, name(file)), bytes)
}

test.each([
  ['plain', (file: string) => `${file}-${suffix(file)}`, (bytes: Uint8Array) => bytes],
  ['gzipped', (file: string) => `${file}-${suffix(file)}.gz`, gzipSync],
  ['with a dot', (file: string) => `${file}.${suffix(file)}`, (bytes: Uint8Array) => bytes],
  ['with a dot, gzipped', (file: string) => `${file}.${suffix(file)}.gz`, gzipSync],
  ['gzipped under a plain name', (file: string) => `${file}-${suffix(file)}`, gzipSync],
])('a folder of IDX files, %s', async (_, name, pack) => {
  await write(Object.fromEntries(Object.entries(good).map(([file, bytes]) => [file, pack(bytes)])), name)
  const { train, test: last } = await loadMnist(`${folder}/`)
  expect([train.length, last.length]).toEqual([3, 2])
  expect([...train.labels]).toEqual([9, 0, 5])
  expect([...last.labels]).toEqual([1, 2])
  expect(Buffer.compare(train.images, good['train-images'].subarray(16))).toBe(0)
  const fashion = await loadFashionMnist(folder)
  expect(fashion.train.background).toBe(
    Math.fround(Math.fround(-fashionMnist.mean) / Math.fround(fashionMnist.std)),
  )
})

describe('what is refused, in one line that names the file', () => {
  const at = (file: IdxFile) => `${folder}/${file}-${suffix(file)}`
  const cases: [string, Partial<Record<IdxFile, Uint8Array>>, () => string][] = [
    [
      'a truncated file',
      { 'train-images': good['train-images'].subarray(0, -1) },
      () => `${at('train-images')}: has 2367 bytes, shape [3,28,28] needs 2368; it is truncated`,
    ],
    [
      'nothing in a file',
      { 't10k-labels': new Uint8Array(3) },
      () => `${at('t10k-labels')}: has 3 bytes, an IDX file has a magic number of 4 bytes; it is truncated`,
    ],
    [
      'a wrong magic number',
      { 'train-labels': good['train-labels'].map((byte, i) => (i === 0 ? 80 : byte)) },
      () =>
        `${at('train-labels')}: its magic number is 0x50000801, expected 0x00000801 (2049: unsigned bytes [N])`,
    ],
    [
      'labels in place of images',
      { 'train-images': labels(1, 2, 3) },
      () =>
        `${at('train-images')}: its magic number is 0x00000801, expected 0x00000803 (2051: unsigned bytes [N,H,W])`,
    ],
    [
      'images of another size',
      { 't10k-images': images(2, 28, 27) },
      () => `${at('t10k-images')}: holds images [2,28,27], expected [N,28,28]`,
    ],
    [
      'images of another height, as many in all',
      { 't10k-images': images(2, 14, 28) },
      () => `${at('t10k-images')}: holds images [2,14,28], expected [N,28,28]`,
    ],
    [
      'a magic number and no more',
      { 'train-labels': Uint8Array.of(0, 0, 8, 3) },
      () =>
        `${at('train-labels')}: its magic number is 0x00000803, expected 0x00000801 (2049: unsigned bytes [N])`,
    ],
    [
      'images in place of labels',
      { 'train-labels': images(3) },
      () =>
        `${at('train-labels')}: its magic number is 0x00000803, expected 0x00000801 (2049: unsigned bytes [N])`,
    ],
    [
      'labels of another type',
      { 'train-labels': good['train-labels'].map((byte, i) => (i === 2 ? 9 : byte)) },
      () =>
        `${at('train-labels')}: its magic number is 0x00000901, expected 0x00000801 (2049: unsigned bytes [N])`,
    ],
    [
      'a label above 9',
      { 't10k-labels': labels(9, 10) },
      () => `${at('t10k-labels')}: label 1 is 10, expected 0 to 9`,
    ],
    [
      'too few labels',
      { 'train-labels': labels(1, 2) },
      () => `${at('train-images')}: has 3 images, but ${at('train-labels')} has 2 labels`,
    ],
    [
      'too many labels',
      { 't10k-labels': labels(1, 2, 3) },
      () => `${at('t10k-images')}: has 2 images, but ${at('t10k-labels')} has 3 labels`,
    ],
  ]
  test.each(cases)('%s', async (_, files, message) => {
    await write({ ...good, ...files })
    await expect(loadMnist(folder)).rejects.toThrow(new Error(message()))
  })

  test('a part that there is not', async () => {
    await expect(loadPart(mnist, folder, 't10k' as 'test')).rejects.toThrow(
      new RangeError("MNIST: the part is 't10k', expected 'train' or 'test'"),
    )
  })

  test('no folder', async () => {
    await expect(loadMnist(undefined as unknown as string)).rejects.toThrow(
      new TypeError('MNIST: the folder is undefined, expected its path'),
    )
  })

  test('a missing file', async () => {
    const { 'train-labels': _, ...rest } = good
    await write(rest)
    const looked =
      'train-labels-idx1-ubyte, train-labels.idx1-ubyte, train-labels-idx1-ubyte.gz, train-labels.idx1-ubyte.gz'
    const message = `${folder}: has no train-labels of MNIST (looked for ${looked}); give the folder of its four IDX files`
    await expect(loadMnist(folder)).rejects.toThrow(new Error(message))
    await expect(readIdx(`${folder}/none`)).rejects.toThrow(new Error(`${folder}/none: no such file`))
  })
})

test.each(['mnist', undefined, { title: 'MNIST' }])('%j is no description', async (odd) => {
  const message = /^load\w+: the description is .+, expected one of `datasets`, as `mnist`$/
  await expect(loadDataset(odd as never, 'data')).rejects.toThrow(message)
  await expect(loadPart(odd as never, 'data', 'train')).rejects.toThrow(message)
})

describe('verify', () => {
  const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')
  const known = {
    ...mnist,
    md5: Object.fromEntries(Object.entries(good).map(([file, bytes]) => [file, md5(bytes)])) as Record<
      IdxFile,
      string
    >,
  }

  test('passes the original, plain or gzipped, and refuses one changed pixel', async () => {
    await write(good)
    expect(await loadPart(known, folder, 'train', { verify: true })).toHaveLength(3)
    const changed = good['train-images'].map((byte, i) => (i === 100 ? byte + 1 : byte))
    await write({ 'train-images': changed })
    expect(await loadPart(known, folder, 'train')).toHaveLength(3)
    const sums = `MD5 is ${md5(changed)}, expected ${known.md5['train-images']}`
    await expect(loadPart(known, folder, 'train', { verify: true })).rejects.toThrow(
      new Error(`${folder}/train-images-idx3-ubyte: ${sums}: this is not the original file of MNIST`),
    )
    await rm(join(folder, 'train-images-idx3-ubyte'))
    await write(
      { 'train-images': new Uint8Array(gzipSync(good['train-images'])) },
      (f) => `${f}.${suffix(f)}.gz`,
    )
    expect(await loadPart(known, folder, 'train', { verify: true })).toHaveLength(3)
  })

  test('compares each of the four files with its own sum, in every way to load', async () => {
    await write(good)
    const { train, test: last } = await loadDataset(known, folder, { verify: true })
    expect([train.length, last.length]).toEqual([3, 2])
    for (const file of Object.keys(good) as IdxFile[]) {
      const bytes = good[file].slice()
      bytes[bytes.length - 1] ^= 1
      await write({ ...good, [file]: bytes })
      const message = `${folder}/${file}-${suffix(file)}: MD5 is ${md5(bytes)}, expected ${known.md5[file]}`
      await expect(loadDataset(known, folder, { verify: true })).rejects.toThrow(message)
      expect((await loadDataset(known, folder)).train).toHaveLength(3)
    }
    // Another file of the same kind is no substitute.
    await write({ ...good, 't10k-images': good['train-images'] })
    await expect(loadDataset(known, folder, { verify: true })).rejects.toThrow(
      't10k-images-idx3-ubyte: MD5 is',
    )
    const refused = /train-images-idx3-ubyte: (MD5 is|the MD5 of Fashion-MNIST is not known)/
    await expect(loadMnist(folder, { verify: true })).rejects.toThrow(refused)
    await expect(loadFashionMnist(folder, { verify: true })).rejects.toThrow(refused)
  })

  test('an option that does not exist is refused', async () => {
    const odd = { Verify: true } as object
    const message = 'there is no option Verify, did you mean verify? (options: verify)'
    await expect(loadMnist(folder, odd)).rejects.toThrow(`loadMnist: ${message}`)
    await expect(loadFashionMnist(folder, odd)).rejects.toThrow(`loadFashionMnist: ${message}`)
    await expect(loadDataset(mnist, folder, odd)).rejects.toThrow(`loadDataset: ${message}`)
    await expect(loadPart(mnist, folder, 'train', odd)).rejects.toThrow(`loadPart: ${message}`)
  })

  test('is refused where no MD5 is known, and in browsers', async () => {
    await write(good)
    await expect(loadPart(fashionMnist, folder, 'test', { verify: true })).rejects.toThrow(
      new Error(
        `${folder}/t10k-images-idx3-ubyte: the MD5 of Fashion-MNIST is not known; load without verify`,
      ),
    )
    expect(() => browser.md5(new Uint8Array(0))).toThrow('browsers have no MD5')
  })
})
