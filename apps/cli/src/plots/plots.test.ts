import { Confusion, type EpochEvent } from '@handgrad/trainer'
import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
import { confusionSvg } from './confusion.ts'
import { curvesSvg } from './curves.ts'
import { toPng } from './png.ts'

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

test('the curves show each epoch of both parts, with axes and a legend', () => {
  const svg = curvesSvg([epoch(1, 0.5, 0.4), epoch(2, 0.3, 0.25), epoch(3, 0.1, 0.2)], 'a title')
  const texts = textsOf(svg)
  for (const text of ['a title', 'loss', 'accuracy (%)', '1', '2', '3']) expect(texts).toContain(text)
  expect(texts.some((text) => text.startsWith('training'))).toBe(true)
  expect(texts.some((text) => text.startsWith('validation'))).toBe(true)
  const { document } = parseHTML(svg)
  // Two panels of two lines of three points, and two entries of the legend.
  expect(document.querySelectorAll('circle')).toHaveLength(2 * 2 * 3 + 2)
  const points = [...document.querySelectorAll('circle[cy]')].map((circle) =>
    Number(circle.getAttribute('cy')),
  )
  expect(points.every(Number.isFinite)).toBe(true)
})

test('one epoch is enough for a figure', () => {
  expect(textsOf(curvesSvg([epoch(1, 0.5, 0.4)], 'one'))).toContain('1')
})

test('the confusion matrix has a number in each cell that is not 0', () => {
  const confusion = new Confusion(3)
  confusion.add([0, 0, 1, 2, 2], [0, 0, 1, 2, 1])
  const texts = textsOf(confusionSvg(confusion, ['cat', 'dog', 'hen'], 'pets'))
  expect(texts.filter((text) => /^\d+$/.test(text)).sort()).toEqual(['1', '1', '1', '2'])
  for (const name of ['cat', 'dog', 'hen', 'predicted', 'true class']) expect(texts).toContain(name)
})

test('text is drawn with the font that comes along', () => {
  const svg = (text: string): string =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="40" font-family="DejaVu Sans"><text x="5" y="25">${text}</text></svg>`
  expect(toPng(svg('loss')).length).toBeGreaterThan(toPng(svg('')).length + 200)
})
