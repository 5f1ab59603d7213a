import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
import { inProcess, temporaryFolder } from '../test/handgrad.ts'
import { idxFiles, writeFiles } from '../test/idx.ts'

/** Twenty images in `data`, two of each class, one row of 28 bright. */
function twenty(): { cwd: string; files: Record<string, Uint8Array> } {
  const cwd = temporaryFolder()
  const files = idxFiles(20)
  writeFiles(join(cwd, 'data'), files)
  return { cwd, files }
}

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')

/** One row of 28 is 1, the others 0: mean 1/28, and 1/28 − 1/28² is the square of the deviation. */
const pixels = { mean: expect.closeTo(1 / 28, 12), std: expect.closeTo(Math.sqrt(27) / 28, 12) }

test('--quiet is the digest; a narrow terminal is told which files are not the original ones', async () => {
  const { cwd } = twenty()
  const call = ['data', 'mnist', '--data-dir', 'data']
  const quiet = await inProcess(cwd, [...call, '--quiet'])
  expect([quiet.code, quiet.err]).toEqual([0, ''])
  expect(quiet.out).toMatch(/^sha256:[0-9a-f]{64}\n$/)
  const { out } = await inProcess(cwd, call, { columns: 40 })
  expect(out).toContain('train-images      15,696  CHANGED')
  const lines = out.split('\n').filter((line) => !line.includes(cwd) && !line.includes('sha256:'))
  expect(Math.max(...lines.map((line) => line.replace(/<\w+>|<\/>/g, '').length))).toBeLessThanOrEqual(40)
  const wide = await inProcess(cwd, call)
  expect(wide.out).toMatch(/train-images +15,696 {2}[0-9a-f]{32} {2}CHANGED/)
})

test('says what is there, where, with which checksums, sizes and classes', async () => {
  const { cwd, files } = twenty()
  const { code, out, err } = await inProcess(cwd, ['data', 'mnist', '--data-dir', 'data', '--json'])
  expect([code, err]).toEqual([0, ''])
  const folder = join(cwd, 'data')
  const part = { images: 20, shape: [1, 28, 28], counts: new Array(10).fill(2), ...pixels }
  expect(JSON.parse(out)).toEqual({
    dataset: 'mnist',
    title: 'MNIST',
    folder,
    digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    files: [
      ['train-images', 'train-images-idx3-ubyte'],
      ['train-labels', 'train-labels-idx1-ubyte'],
      ['t10k-images', 't10k-images-idx3-ubyte'],
      ['t10k-labels', 't10k-labels-idx1-ubyte'],
    ].map(([file, name]) => ({
      file,
      path: join(folder, name),
      bytes: files[name].length,
      md5: md5(files[name]),
      isOriginal: false,
    })),
    classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    normalization: { mean: 0.1307, std: 0.3081 },
    train: part,
    test: part,
  })
})

test('prints tables: parts and classes each by themselves', async () => {
  const { cwd, files } = twenty()
  const labels = files['t10k-labels-idx1-ubyte'].slice()
  labels[8] = 9
  writeFiles(join(cwd, 'data'), { 't10k-labels-idx1-ubyte': labels })
  const { out } = await inProcess(cwd, ['data', 'mnist', '--data-dir', 'data'])
  const lines = out.split('\n')
  expect(lines[0]).toBe(`MNIST (mnist), in ${join(cwd, 'data')}`)
  expect(lines).toContain(`train-images      15,696  ${md5(files['train-images-idx3-ubyte'])}  CHANGED`)
  expect(lines).toContain(`t10k-labels           28  ${md5(labels)}  CHANGED`)
  expect(lines).toContain('train       20  [1,28,28]  0.0357     0.1856')
  expect(lines).toContain(
    'training makes (pixel / 255 - 0.1307) / 0.3081 of each pixel; mean and deviation are of pixel / 255',
  )
  // The first test image was a 0.
  expect(lines).toContain('0            2        1')
  expect(lines).toContain('9            2        3')
})

test('files whose checksum nobody knows are called that', async () => {
  const { cwd } = twenty()
  const { code, out } = await inProcess(cwd, ['data', 'fashion-mnist', '--data-dir', 'data'])
  expect(code).toBe(0)
  expect(out).toMatch(/^train-labels +28 {2}[0-9a-f]{32} {2}not known$/m)
  expect(out).toMatch(/^Ankle boot {9}2 {8}2$/m)
})

test('the bundled MNIST is the original, and is as it is normalised', async () => {
  const { out } = await inProcess(temporaryFolder(), ['data', 'mnist', '--json'])
  const { files, train, test: held, normalization } = JSON.parse(out)
  expect(files.map(({ isOriginal }: { isOriginal: boolean }) => isOriginal)).toEqual([true, true, true, true])
  expect([train.images, held.images, train.counts[1], held.counts[9]]).toEqual([60_000, 10_000, 6742, 1009])
  expect([train.mean.toFixed(4), train.std.toFixed(4)]).toEqual(
    [normalization.mean, normalization.std].map(String),
  )
})

interface Picture {
  readonly names: (string | null)[]
  /** Where each image is. */
  readonly places: number[][]
  /** Fill and shape of what is not black. */
  readonly lights: (string | null)[][]
}

function read(svg: string): Picture {
  const { document } = parseHTML(svg)
  const [, ...rects] = document.querySelectorAll('rect')
  const [, ...texts] = document.querySelectorAll('text')
  return {
    names: texts.map(({ textContent }) => textContent),
    places: rects.map((rect) => ['x', 'y', 'width', 'height'].map((name) => Number(rect.getAttribute(name)))),
    lights: [...document.querySelectorAll('path')].map((path) => [
      path.getAttribute('fill'),
      path.getAttribute('d'),
    ]),
  }
}

test('--sheet draws the first twelve of each class as they are', async () => {
  const { cwd, files } = twenty()
  const images = files['train-images-idx3-ubyte']
  // Image 0, a 0, has its row 4 bright: two pixels of row 0 in other greys, and the last of all.
  images.set([7, 9], 16)
  images[16 + 783] = 7
  writeFiles(join(cwd, 'data'), { 'train-images-idx3-ubyte': images })
  const { code, err } = await inProcess(cwd, [
    'data',
    'mnist',
    '--data-dir',
    'data',
    '--sheet',
    'pictures.svg',
  ])
  expect([code, err]).toEqual([0, ''])
  const { names, places, lights } = read(readFileSync(join(cwd, 'pictures.svg'), 'utf8'))
  expect(names).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
  // A row a class, a picture of 56 × 56 every 60.
  expect(places).toHaveLength(20)
  expect(places.slice(0, 3)).toEqual([[132, 52, 56, 56], [192, 52, 56, 56], [132, 112, 56, 56]]) // biome-ignore format: places
  const shapes = new Map(lights as [string, string][])
  expect([...shapes.keys()]).toEqual(['rgb(7,7,7)', 'rgb(9,9,9)', 'rgb(255,255,255)'])
  // Two units a pixel.
  expect(shapes.get('rgb(7,7,7)')).toBe('M132 52h2v2h-2zM186 106h2v2h-2z')
  expect(shapes.get('rgb(9,9,9)')).toBe('M134 52h2v2h-2z')
  expect(shapes.get('rgb(255,255,255)')).toMatch(/^M132 60h56v2h-56zM192 60h56v2h-56zM132 124h56v2h-56z/)
})

test('--sheet as .png, and never more than twelve a row', async () => {
  const cwd = temporaryFolder()
  writeFiles(join(cwd, 'data'), idxFiles(130))
  const call = (file: string) => inProcess(cwd, ['data', 'mnist', '--data-dir', 'data', '--sheet', file])
  expect((await call('sheet.png')).code).toBe(0)
  expect([...readFileSync(join(cwd, 'sheet.png')).subarray(1, 4)]).toEqual([...Buffer.from('PNG')])
  expect((await call('sheet.SVG')).code).toBe(0)
  expect(read(readFileSync(join(cwd, 'sheet.SVG'), 'utf8')).places).toHaveLength(120)
})

test('what cannot be read or written is said in one line', async () => {
  const { cwd } = twenty()
  const call = (...args: string[]) => inProcess(cwd, ['data', ...args])
  expect(await call('mnsit')).toMatchObject({ code: 2, err: expect.stringContaining("'mnsit'") })
  const odd = await call('mnist', '--data-dir', 'data', '--sheet', 'digits.jpg')
  expect(odd).toMatchObject({
    code: 2,
    err: expect.stringContaining('expected a file that ends in .png or .svg'),
  })
  const none = await call('mnist', '--data-dir', 'nowhere')
  expect(none).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringMatching(/^error: .*nowhere: has no train-images of MNIST .*\n$/),
  })
  const folder = await call('mnist', '--data-dir', 'data', '--sheet', 'no-folder/sheet.svg')
  expect(folder).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringMatching(/^error: cannot write .*sheet\.svg: no such file/),
  })
  writeFileSync(join(cwd, 'data', 't10k-labels-idx1-ubyte'), new Uint8Array(3))
  expect(await call('mnist', '--data-dir', 'data')).toMatchObject({ code: 1, out: '' })
  mkdirSync(join(cwd, 'empty'))
  expect((await call('mnist', '--data-dir', 'empty', '--sheet', 'sheet.svg')).code).toBe(1)
  expect(existsSync(join(cwd, 'sheet.svg'))).toBe(false)
})
