/** An axis of a drawn plot: each label with its place in pixels. */
type Axis = readonly { readonly label: string; readonly at: number }[]

/** Series of a drawn plot by colour, in the units of its axes. */
export interface ReadPlot {
  readonly label: string
  readonly ticks: readonly string[]
  readonly series: Readonly<Record<string, readonly (readonly [x: number, y: number])[]>>
}

const placeOf = (element: Element): readonly [x: number, y: number] => {
  const [, x, y] = /translate\(([-\d.]+),([-\d.]+)\)/.exec(element.getAttribute('transform') ?? '') ?? []
  return [Number(x), Number(y)]
}

/** The labels of an axis, by the names that Plot gives to its parts. */
export function axis(plot: Element, name: 'x' | 'y'): Axis {
  const texts = plot.querySelectorAll(`g[aria-label="${name}-axis tick label"] text`)
  return [...texts].map((text) => ({
    label: text.textContent ?? '',
    at: placeOf(text)[name === 'x' ? 0 : 1],
  }))
}

/** A place in the units of an axis whose labels are numbers. */
function valueAt(labels: Axis, at: number): number {
  const [first, last] = [labels[0], labels.at(-1)!]
  const [low, high] = [Number(first.label), Number(last.label)]
  return low + ((at - first.at) / (last.at - first.at)) * (high - low)
}

/** What the dots of a plot of numbers say. */
export function readPlot(plot: Element): ReadPlot {
  const [x, y] = [axis(plot, 'x'), axis(plot, 'y')]
  const series = [...plot.querySelectorAll('g[aria-label="dot"]')].map((group) => {
    const dots = [...group.querySelectorAll('circle')].map((dot) => {
      const [cx, cy] = ['cx', 'cy'].map((name) => Number(dot.getAttribute(name)))
      return [valueAt(x, cx), valueAt(y, cy)] as const
    })
    return [group.getAttribute('fill'), dots] as const
  })
  const label = plot.querySelector('g[aria-label="y-axis label"] text')?.textContent ?? ''
  return { label, ticks: x.map((tick) => tick.label), series: Object.fromEntries(series) }
}

/** What the cells of a plot say: by row and column, the text and the colour. */
export function readCells(plot: Element): Record<string, string> {
  const nearest = (labels: Axis, at: number): string =>
    labels.toSorted((a, b) => Math.abs(a.at - at) - Math.abs(b.at - at))[0].label
  const [x, y] = [axis(plot, 'x'), axis(plot, 'y')]
  const rows = [...plot.querySelectorAll('g[aria-label="text"] text')].map((text) => {
    const [left, top] = placeOf(text)
    return [`${nearest(y, top)} as ${nearest(x, left)}`, text.textContent ?? ''] as const
  })
  return Object.fromEntries(rows)
}
