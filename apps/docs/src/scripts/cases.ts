import type { Rendered } from '../lib/rendered.ts'

/** Sets an equation that is wider than the page in smaller type; what is still wider then scrolls. */
function fitEquations(): void {
  for (const equation of document.querySelectorAll<HTMLElement>('.derivation .equation')) {
    equation.style.fontSize = ''
    const share = equation.clientWidth / equation.scrollWidth
    if (share < 1) equation.style.fontSize = `${Math.max(0.4, 0.98 * share)}em`
  }
}

const fetched = new Map<string, Promise<readonly Rendered[]>>()

function casesOf(derivation: string): Promise<readonly Rendered[]> {
  const known = fetched.get(derivation)
  if (known !== undefined) return known
  const made = fetch(`${import.meta.env.BASE_URL}cases/${derivation}.json`).then(
    (answer) => answer.json() as Promise<readonly Rendered[]>,
  )
  fetched.set(derivation, made)
  return made
}

function showLine(item: HTMLElement, line: Rendered['lines'][string] | undefined): void {
  item.hidden = line === undefined
  const equation = item.querySelector<HTMLElement>('.equation')!
  equation.innerHTML = line?.html ?? ''
  equation.hidden = !line?.html
  const [again, when] = item.querySelectorAll<HTMLElement>('.again') as unknown as [HTMLElement, HTMLElement]
  again.hidden = line?.sameAs === undefined
  when.hidden = line?.when === undefined
  when.textContent = line?.when === undefined ? '' : `This holds ${line.when}.`
}

function letter(name: string, { html, meaning, term, hue }: Rendered['letters'][string]): HTMLElement {
  const item = document.createElement('li')
  item.dataset.letter = name
  const sign = document.createElement(term === undefined ? 'span' : 'button')
  sign.className = term === undefined ? 'letter' : 'chip'
  if (term !== undefined) Object.assign(sign.dataset, { term, hue })
  sign.innerHTML = html
  if (sign instanceof HTMLButtonElement) {
    sign.type = 'button'
    // What is typeset has no name of its own.
    const [seen, spoken] = [document.createElement('span'), document.createElement('span')]
    seen.ariaHidden = 'true'
    seen.innerHTML = html
    spoken.className = 'sr-only'
    spoken.textContent = name
    sign.replaceChildren(seen, spoken)
  }
  const text = document.createElement('span')
  text.textContent = meaning
  item.append(sign, text)
  return item
}

/** The letters of the lines that a part shows now. */
function showLetters(head: Element, list: Element, { lines, letters }: Rendered): void {
  const ids = [...list.querySelectorAll<HTMLElement>('[data-step]')].map(({ dataset }) => dataset.step!)
  const used = new Set(ids.flatMap((id) => lines[id]?.names ?? []))
  const items = Object.entries(letters)
    .filter(([name]) => used.has(name))
    .map(([name, own]) => letter(name, own))
  head.querySelector('.legend-list')!.replaceChildren(...items)
}

async function show(derivation: string, at: number): Promise<void> {
  const cases = await casesOf(derivation)
  const made = cases[at]
  if (made === undefined) return
  for (const select of document.querySelectorAll<HTMLSelectElement>(`[data-cases="${derivation}"]`))
    select.value = String(at)
  for (const list of document.querySelectorAll(`.derivation[data-of="${derivation}"]`)) {
    for (const item of list.querySelectorAll<HTMLElement>('[data-step]'))
      showLine(item, made.lines[item.dataset.step!])
    showLetters(list.previousElementSibling!, list, made)
  }
  fitEquations()
}

/** What a derivation's case is called in the address: `case` for the first of a page, then `case-adam`, say. */
const keyOf = (derivation: string, first: string): string =>
  derivation === first ? 'case' : `case-${derivation.split('/').at(-1)}`

/** One switch sets the case of all equations of its derivation; the address keeps it. */
export function followCases(): void {
  void document.fonts.ready.then(fitEquations)
  addEventListener('resize', fitEquations)
  const selects = [...document.querySelectorAll<HTMLSelectElement>('[data-cases]')]
  const derivations = new Set(selects.map(({ dataset }) => dataset.cases!))
  const first = selects[0]?.dataset.cases ?? ''
  for (const select of selects) {
    const derivation = select.dataset.cases!
    const key = keyOf(derivation, first)
    select.addEventListener('change', () => {
      const query = new URLSearchParams(location.search)
      if (select.value === '0') query.delete(key)
      else query.set(key, select.value)
      const text = query.toString()
      history.replaceState(history.state, '', `${location.pathname}${text && `?${text}`}${location.hash}`)
      void show(derivation, Number(select.value))
    })
  }
  for (const derivation of derivations) {
    const asked = Number(new URLSearchParams(location.search).get(keyOf(derivation, first)))
    if (asked > 0) void show(derivation, asked)
  }
}
