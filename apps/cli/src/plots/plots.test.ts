import { Confusion, type EpochEvent } from '@handgrad/trainer'
import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
import { confusionSvg } from './confusion.ts'
import { curvesSvg } from './curves.ts'
import { toPng } from './png.ts'
import { theme } from './svg.ts'
import { axis, readCells, readPlot } from './test/read-plot.ts'

const epoch = (number: number, trainLoss: number, validationLoss: number): EpochEvent => ({
  event: 'epoch',
  epoch: number,
  epochs: 3,
  lr: 0.1,
  trainLoss,
  validationLoss,
  trainAccuracy: 1 - trainLoss,
  validationAccuracy: 1 - validationLoss,
  seconds: 1,
  imagesPerSecond: 1,
})

const textsOf = (svg: string): string[] =>
  [...parseHTML(svg).document.querySelectorAll('text')].map(({ textContent }) => textContent)

/** Three epochs whose losses and accuracies are all different. */
const three = [epoch(1, 0.5, 0.4), epoch(2, 0.3, 0.25), epoch(3, 0.1, 0.2)]

const plotsOf = (svg: string): Element[] => [...parseHTML(svg).document.querySelectorAll('svg svg')]
const near = (points: readonly (readonly number[])[]) =>
  points.map((point) => point.map((value) => expect.closeTo(value, 6)))

test('the curves are the losses and the accuracies in percent, training and validation each in its colour', () => {
  const [loss, accuracy] = plotsOf(curvesSvg(three, 'a title')).map(readPlot)
  expect(loss).toEqual({
    label: 'loss',
    ticks: ['1', '2', '3'],
    series: {
      [theme.train]: near([
        [1, 0.5],
        [2, 0.3],
        [3, 0.1],
      ]),
      [theme.validation]: near([
        [1, 0.4],
        [2, 0.25],
        [3, 0.2],
      ]),
    },
  })
  expect(accuracy).toEqual({
    label: 'accuracy (%)',
    ticks: ['1', '2', '3'],
    series: {
      [theme.train]: near([
        [1, 50],
        [2, 70],
        [3, 90],
      ]),
      [theme.validation]: near([
        [1, 60],
        [2, 75],
        [3, 80],
      ]),
    },
  })
})

test('the legend has the colours of the lines', () => {
  const { document } = parseHTML(curvesSvg(three, 'a title'))
  const [legend] = document.querySelectorAll('svg > g')
  const marks = [...legend.querySelectorAll('circle')].map((mark) => mark.getAttribute('fill'))
  const words = [...legend.querySelectorAll('text')].map(({ textContent }) => textContent)
  expect(marks).toEqual([theme.train, theme.validation])
  expect(words).toEqual(['training (as it went)', 'validation (after the epoch)'])
  const dashes = [...document.querySelectorAll('g[aria-label="line"]')].map((line) => [
    line.getAttribute('stroke'),
    line.getAttribute('stroke-dasharray'),
  ])
  const both = [
    [theme.train, null],
    [theme.validation, '6 3'],
  ]
  expect(dashes).toEqual([...both, ...both])
})

test.each([
  [1, ['1']],
  [2, ['1', '2']],
  [10, ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']],
  [11, ['1', '3', '5', '7', '9', '11']],
  [12, ['1', '3', '5', '7', '9', '11']],
  [25, ['1', '4', '7', '10', '13', '16', '19', '22', '25']],
])('%i epochs have whole numbers below, at most ten', (count, ticks) => {
  const epochs = Array.from({ length: count }, (_, i) => epoch(i + 1, 1 / (i + 2), 1 / (i + 3)))
  const [plot] = plotsOf(curvesSvg(epochs, 'many'))
  expect(axis(plot, 'x').map(({ label }) => label)).toEqual(ticks)
  const dots = [...plot.querySelectorAll('g[aria-label="dot"] circle')]
  expect(dots).toHaveLength(2 * count)
  expect(new Set(dots.map((dot) => dot.getAttribute('r')))).toEqual(new Set([count > 12 ? '2.5' : '4']))
})

test('one epoch stands in the middle of its figure', () => {
  const [plot] = plotsOf(curvesSvg([epoch(1, 0.5, 0.4)], 'one'))
  const [dot] = plot.querySelectorAll('g[aria-label="dot"] circle')
  // The axis reaches from 64 to 456 − 24.
  expect(Number(dot.getAttribute('cx'))).toBeCloseTo((64 + 432) / 2, 6)
})

const confusion = new Confusion(3)
confusion.add([0, 0, 1, 2, 2, 2, 2], [0, 0, 1, 2, 1, 1, 1])
const pets = ['cat', 'dog', 'hen']

test('the confusion matrix has a row for each true class, and a number in each cell that is not 0', () => {
  const [plot] = plotsOf(confusionSvg(confusion, pets, 'pets'))
  expect(readCells(plot)).toEqual({
    'cat as cat': '2',
    'dog as dog': '1',
    'hen as dog': '3',
    'hen as hen': '1',
  })
  const words = textsOf(plot.outerHTML)
  for (const name of ['predicted', 'true class']) expect(words).toContain(name)
  expect(axis(plot, 'y').map(({ label }) => label)).toEqual(pets)
  expect(axis(plot, 'x').map(({ label }) => label)).toEqual(pets)
})

test('a cell is as dark as its share of its row, and its number can be read on it', () => {
  const [plot] = plotsOf(confusionSvg(confusion, pets, 'pets'))
  const cells = [...plot.querySelectorAll('g[aria-label="cell"] rect')].map((cell) =>
    cell.getAttribute('fill'),
  )
  // Rows are true classes: 2 of 2; 1 of 1; 3 and 1 of 4.
  const [cat, , , , dog, , , dark, light] = cells
  expect(cat).toBe(dog)
  expect(new Set([cat, dark, light, cells[1]]).size).toBe(4)
  expect([1, 2, 3, 5, 6].map((i) => cells[i])).toEqual(Array(5).fill(cells[1]))
  const inks = [...plot.querySelectorAll('g[aria-label="text"] text')].map((text) => [
    text.textContent,
    text.getAttribute('fill'),
  ])
  expect(inks).toEqual([
    ['2', theme.paper],
    ['1', theme.paper],
    ['3', theme.paper],
    ['1', theme.ink],
  ])
})

test('the figures look as they did', async () => {
  await expect(curvesSvg(three, 'a <title> & more')).toMatchFileSnapshot('test/curves.svg')
  await expect(confusionSvg(confusion, pets, 'pets')).toMatchFileSnapshot('test/confusion.svg')
  await expect(confusionSvg(confusion, ['Ankle boot', 'Bag', 'Shirt'], 'clothes')).toMatchFileSnapshot(
    'test/confusion-long-names.svg',
  )
})

test('text is drawn with the font that comes along', () => {
  const svg = (text: string): string =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="40" font-family="DejaVu Sans"><text x="5" y="25">${text}</text></svg>`
  expect(toPng(svg('loss')).length).toBeGreaterThan(toPng(svg('')).length + 200)
  const bold = svg('loss').replace('<text', '<text font-weight="bold"')
  expect(Buffer.from(toPng(bold)).equals(toPng(svg('loss')))).toBe(false)
  // Twice as large for dense screens.
  const header = new DataView(Uint8Array.from(toPng(svg(''))).buffer)
  expect([header.getUint32(16), header.getUint32(20)]).toEqual([200, 80])
})
