/** What a drawing's style sheet decides, and must come along where the drawing goes. */
const properties = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linecap',
  'opacity',
  'transform',
  'transform-origin',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'dominant-baseline',
]

/** Mixed colours are written in a way that few drawing programs read: as rgba, all do. */
function plainColour(value: string): string {
  const mixed = /^color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)(?: \/ ([\d.e-]+))?\)$/.exec(value)
  if (mixed === null) return value
  const [red, green, blue] = mixed.slice(1, 4).map((part) => Math.round(255 * Number(part)))
  return `rgba(${red}, ${green}, ${blue}, ${mixed[4] ?? 1})`
}

function copyStyle(from: Element, to: SVGElement): void {
  const style = getComputedStyle(from)
  const own = properties.map((name) => `${name}: ${plainColour(style.getPropertyValue(name))}`)
  to.removeAttribute('class')
  for (const name of Object.keys(to.dataset)) delete to.dataset[name]
  to.setAttribute('style', own.join('; '))
}

/** What lies behind an element: the first colour that is not transparent. */
function groundOf(element: Element): string {
  for (let at: Element | null = element; at !== null; at = at.parentElement) {
    const { backgroundColor } = getComputedStyle(at)
    if (!/^(transparent|rgba\(.*, 0\))$/.test(backgroundColor)) return backgroundColor
  }
  return '#fff'
}

/** A drawing of the page as a file of its own: its size, its ground, and the style of each part written into it. */
export function svgText(drawing: SVGSVGElement): string {
  const copy = drawing.cloneNode(true) as SVGSVGElement
  const originals = drawing.querySelectorAll('*')
  copy.querySelectorAll<SVGElement>('*').forEach((part, i) => copyStyle(originals[i], part))
  const { x, y, width, height } = drawing.viewBox.baseVal
  const ground = document.createElementNS(copy.namespaceURI, 'rect') as SVGElement
  for (const [name, value] of Object.entries({ x, y, width, height }))
    ground.setAttribute(name, String(value))
  ground.setAttribute('style', `fill: ${groundOf(drawing)}`)
  copy.prepend(ground)
  copy.setAttribute('xmlns', copy.namespaceURI!)
  copy.setAttribute('width', String(width))
  copy.setAttribute('height', String(height))
  for (const name of ['class', 'style', 'aria-hidden']) copy.removeAttribute(name)
  return new XMLSerializer().serializeToString(copy)
}
