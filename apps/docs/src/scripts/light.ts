/**
 * Term ↔ cell ↔ code: what is under the pointer or has the focus names terms (`data-term`) and steps (`data-step`), and
 * everything on the page that names one of them is lit (`data-lit`).
 */
let lit: Element[] = []

/** A selector of everything that shares a name with the nearest owner of `attribute`. */
function sharing(element: Element, attribute: string): string[] {
  const names = element.closest(`[${attribute}]`)?.getAttribute(attribute)?.split(' ') ?? []
  return names.map((name) => `[${attribute}~="${name}"]`)
}

function relight(target: EventTarget | null): void {
  for (const element of lit) element.removeAttribute('data-lit')
  lit = []
  if (!(target instanceof Element)) return
  const selectors = [...sharing(target, 'data-term'), ...sharing(target, 'data-step')]
  if (selectors.length === 0) return
  lit = [...document.querySelectorAll(selectors.join(', '))]
  for (const element of lit) element.setAttribute('data-lit', '')
}

/** Starts listening, for all of the page. */
export function lightUp(): void {
  document.addEventListener('pointerover', ({ target }) => relight(target))
  document.addEventListener('focusin', ({ target }) => relight(target))
  document.addEventListener('focusout', () => relight(null))
}
