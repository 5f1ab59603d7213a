import { address, short } from '../widgets/format.ts'
import type { Look, Stage } from '../workers/protocol.ts'
import { indexOf } from './planes.ts'
import { type Product, productsOf, sumOf } from './products.ts'
import type { Reach } from './reach.ts'

/** What is asked for the gradient of. */
const askedFor = ({ label }: Look): string => (label === null ? 'the score' : 'the loss')

const placeOf = ({ value: { shape } }: Stage, cell: number): string => `[${indexOf(shape, cell).join(',')}]`

const plural = (count: number, one: string): string =>
  `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`

/** `Conv2d(1→8, 3×3)[2,11,13] is 0.5234; the gradient of the score there is 0.0123.` */
export function cellSays(look: Look, at: number, cell: number): string {
  const { name, value, gradient } = look.stages[at]
  const numbers = `${short(value.data[cell])}; the gradient of ${askedFor(look)} there is ${short(gradient.data[cell])}`
  return `${address(name, indexOf(value.shape, cell))} is ${numbers}.`
}

const marksOf = (mask: Uint8Array): number => mask.reduce((count, mark) => count + mark, 0)

/** The rows and the columns of a plane that marks lie in. */
function extentOf(mask: Uint8Array, width: number): string {
  const cells = [...mask.keys()].filter((cell) => mask[cell] === 1)
  const between = (values: readonly number[]): string => {
    const [least, most] = [Math.min(...values), Math.max(...values)]
    return least === most ? String(least) : `${least}–${most}`
  }
  const [rows, columns] = [cells.map((cell) => Math.floor(cell / width)), cells.map((cell) => cell % width)]
  return `rows ${between(rows)}, columns ${between(columns)}`
}

/** What of the image the cell is computed from, and how far what is computed from it reaches. */
export function reachSays({ stages }: Look, at: number, reach: readonly Reach[]): string {
  const scores = marksOf(reach.at(-1)!.moves)
  const onward = `It can move ${scores} of ${plural(reach.at(-1)!.moves.length, 'score')}.`
  if (at === 0) return onward
  const { read, moves } = reach[0]
  const from = `It is computed from ${plural(marksOf(read), 'pixel')} of the image (${extentOf(read, stages[0].value.shape[3])})`
  const open = marksOf(moves)
  const now =
    open === 0 ? 'none of which can move it now' : `of which ${open.toLocaleString('en')} can move it now`
  return at === stages.length - 1 ? `${from}, ${now}.` : `${from}, ${now}. ${onward}`
}

function lastSays({ label, predicted, probabilities, recorded }: Look, cell: number): string {
  if (label === null)
    return cell === predicted
      ? 'It is the score itself: the gradient is 1.'
      : 'It is another score: the gradient is 0.'
  const images = recorded === null ? '' : `, divided by the ${recorded.batch} images of the batch`
  return `Its gradient is softmax minus one-hot, ${short(probabilities[cell])} − ${Number(cell === label)}${images}.`
}

const product = ({ upstream, slope }: Product): string => `${short(upstream)} · ${short(slope)}`

/** How the gradient of the cell comes from the cells behind it, in one line. */
export function gradientSays(look: Look, at: number, cell: number): string {
  const { stages } = look
  if (at === stages.length - 1) return lastSays(look, cell)
  const behind = stages[at + 1]
  const reads = behind.reads!
  const products = productsOf(look, at, cell)
  if (products.length === 0) return `No window of ${behind.name} reads it: its gradient is 0.`
  if (reads.how === 'each') {
    const [{ upstream, cell: output }] = products
    if (reads.passed === null)
      return `Its gradient is that of ${behind.name}${placeOf(behind, output)}, the same number.`
    return reads.passed[cell] === 1
      ? `It is above 0: ${behind.name} lets the gradient behind it through, ${short(upstream)}.`
      : `It is not above 0: ${behind.name} stops the gradient behind it, ${short(upstream)}.`
  }
  if (reads.how === 'windows' && reads.chosen !== null) {
    const won = products.filter(({ slope }) => slope === 1)
    const lost = products.find(({ slope }) => slope === 0)
    if (won.length > 0)
      return `It is the maximum of ${plural(won.length, 'window')}, and gets all that comes back there: ${won.map(({ upstream }) => short(upstream)).join(' + ')}.`
    const winner = reads.chosen[lost!.cell]
    return `It is not the maximum of its window, which is ${placeOf(stages[at], winner)}, ${short(stages[at].value.data[winner])}: its gradient is 0.`
  }
  const counted = products.filter(({ upstream, slope }) => upstream * slope !== 0)
  const sum = `Its gradient is a sum over the ${plural(products.length, 'cell')} of ${behind.name} that read it`
  if (counted.length === 0) return `${sum}; all products are 0.`
  const most = counted.reduce((a, b) =>
    Math.abs(b.upstream * b.slope) > Math.abs(a.upstream * a.slope) ? b : a,
  )
  const from = `${product(most)} from ${placeOf(behind, most.cell)}`
  return counted.length === 1
    ? `${sum}; one product dy · w is not 0: ${from}.`
    : `${sum}; ${counted.length} products dy · w are not 0, the largest ${from}: together ${short(sumOf(products))}.`
}
