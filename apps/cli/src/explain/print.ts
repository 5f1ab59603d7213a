import type { Channel } from '../io.ts'
import type { Explanation, LayerStep } from './explain.ts'
import type { Grid, Part, Term } from './explainer.ts'

/** How much is printed. */
export interface Length {
  /** So many terms of a sum, those that weigh most; the rest as one number. */
  readonly terms: number
  readonly columns: number
}

/** A number in as few characters as tell it. */
export function numberText(value: number): string {
  const size = Math.abs(value)
  return value === 0 || (size >= 1e-3 && size < 1e5) ? value.toFixed(4) : value.toExponential(2)
}

/** Both ways, layer by layer. */
export function printLayers(
  { line, style }: Pick<Channel, 'line' | 'style'>,
  layers: readonly LayerStep[],
  length: Length,
  way: 'forward' | 'backward',
): void {
  for (const step of way === 'forward' ? layers : layers.toReversed()) {
    line()
    line(style('bold', `${step.name} ${step.layer}`))
    for (const part of step[way]) for (const text of partLines(part, length)) line(text)
  }
}

/** How one number comes about, in lines. */
export function partLines({ name, value, rule, grids = [], terms = [] }: Part, length: Length): string[] {
  const count = terms.length > 1 ? `, a sum of ${terms.length}` : ''
  return [
    `  ${name} = ${numberText(value)}${count}`,
    ...(rule === undefined ? [] : [`    ${rule}`]),
    ...grids.flatMap((grid) => gridLines(grid, length.columns)),
    ...termLines(terms, length),
  ]
}

function gridLines({ title, rows }: Grid, columns: number): string[] {
  const shown = rows.map((row) =>
    row.map((cell) => (cell === null ? 'outside' : numberText(cell)).padStart(9)),
  )
  const fits = Math.max(1, Math.floor((columns - 4) / 9))
  const left = shown[0].length > fits ? ' …' : ''
  return [`    ${title}:`, ...shown.map((row) => `    ${row.slice(0, fits).join('')}${left}`)]
}

/** The heaviest terms in their order, and the sum of the others. */
function termLines(terms: readonly Term[], { terms: most, columns }: Length): string[] {
  const weight = [...terms.keys()].sort((a, b) => Math.abs(terms[b].value) - Math.abs(terms[a].value))
  // What is 0 is not worth a line, unless all are.
  const chosen = new Set(weight.slice(0, most).filter((i) => terms[i].value !== 0 || i === weight[0]))
  const shown = terms.filter((_, i) => chosen.has(i))
  const rest = terms.filter((_, i) => !chosen.has(i))
  const width = Math.max(0, ...shown.map(({ name }) => name.length))
  const lines = shown.map(({ name, factors, value }, i) => {
    const head = `    ${i === 0 ? ' ' : '+'} ${name.padEnd(width)}  ${numberText(value).padStart(9)}`
    const whole = factors && `${head}  = ${factors.map(numberText).join(' · ')}`
    return whole === undefined || whole.length > columns ? head : whole
  })
  if (rest.length === 0) return lines
  const others = `${rest.length} ${rest.length === 1 ? 'other' : 'others'}`
  if (rest.every(({ value }) => value === 0)) return [...lines, `    + ${others}, all 0`]
  const sum = rest.reduce((total, { value }) => total + value, 0)
  return [...lines, `    + ${others.padEnd(width)}  ${numberText(sum).padStart(9)}`]
}

/** The end of the network: from logits to the loss, and the gradient that it sends back. */
export function classLines(
  { classes, loss, followed }: Explanation,
  names: readonly string[],
  truth: number,
  columns: number,
): string[] {
  const width = Math.max(5, ...names.map(({ length }) => length))
  const titles = ['logit', 'e^(l-m)', 'share', 'dlogit']
  const shown = titles.filter((title) => title !== 'e^(l-m)' || width + 42 <= columns)
  const line = (mark: string, name: string, cells: readonly string[]): string =>
    `${mark} ${name.padEnd(width)}${cells.map((cell) => cell.padStart(10)).join('')}`
  const rows = classes.map(({ logit, exp, probability, gradient }, k) => {
    const all = [logit, exp, probability, gradient].map(numberText)
    const cells = all.filter((_, i) => shown.includes(titles[i]))
    return line(k === followed ? '>' : ' ', names[k], cells)
  })
  const sum = classes.reduce((total, { exp }) => total + exp, 0)
  return [
    line(' ', 'class', shown),
    ...rows,
    `  the sum of e^(l-m) is ${numberText(sum)}; m is the largest logit`,
    `  loss = -ln ${numberText(classes[truth].probability)} = ${numberText(loss)}`,
    `  dlogit = share - 1 for ${names[truth]}, share for the others`,
  ]
}
