import type { EpochEvent } from '@handgrad/trainer'

/** What a cell shows: nothing, one of the two losses, or both. */
const marks = { plain: [' ', '*', 'o', '@'], drawn: [' ', '•', '○', '●'] } as const

/** Rows of the chart, and columns left of it. */
const ROWS = 8
const LABEL = 8
const WIDEST = 60

/**
 * Both losses over the epochs as lines of text, a curve each, no wider than `columns`; `plain` takes ASCII alone. No lines
 * where there are fewer than two epochs, or no room.
 */
export function lossChart(history: readonly EpochEvent[], columns: number, plain: boolean): string[] {
  const width = Math.min(columns - LABEL, WIDEST)
  if (history.length < 2 || width < 10) return []
  const curves = [history.map(({ trainLoss }) => trainLoss), history.map((epoch) => epoch.validationLoss)]
  const [most, least] = [Math.max(...curves.flat()), Math.min(...curves.flat())]
  const cells = Array.from({ length: ROWS }, () => new Array<number>(width).fill(0))
  for (const [i, losses] of curves.entries())
    for (let column = 0; column < width; column++) {
      const share = (most - between(losses, column / (width - 1))) / (most - least || 1)
      cells[Math.round(share * (ROWS - 1))][column] |= 1 << i
    }
  const mark = marks[plain ? 'plain' : 'drawn']
  const [side, corner, floor] = plain ? ['|', '+', '-'] : ['│', '└', '─']
  const label = (row: number): string =>
    (row === 0 ? most : row === ROWS - 1 ? least : undefined)?.toFixed(3) ?? ''
  const last = String(history.length)
  return [
    `loss: ${mark[1]} training  ${mark[2]} validation  ${mark[3]} both`,
    ...cells.map((row, i) =>
      `${label(i).padStart(LABEL - 2)} ${side}${row.map((cell) => mark[cell]).join('')}`.trimEnd(),
    ),
    `${' '.repeat(LABEL - 1)}${corner}${floor.repeat(width)}`,
    `${'epoch'.padStart(LABEL - 2)}  1${last.padStart(width - 1)}`,
  ]
}

/** The value of a curve at a share of its way, straight between two of its points. */
function between(values: readonly number[], share: number): number {
  const place = share * (values.length - 1)
  const before = Math.min(Math.floor(place), values.length - 2)
  return values[before] + (place - before) * (values[before + 1] - values[before])
}
