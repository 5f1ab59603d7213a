import { useSignal } from '@preact/signals'
import type { JSX, RefObject } from 'preact'
import { svgText } from './svg-text.ts'

/** HTML that shows this page's picture, as it stands now, in another page. */
function embedText(): string {
  const address = new URL(location.href)
  address.searchParams.set('embed', '1')
  address.hash = ''
  const { href } = address
  return `<iframe src="${href.replaceAll('&', '&amp;')}" title="${document.title.replaceAll('"', '&quot;')}" width="720" height="620" style="border: 0"></iframe>`
}

/** Takes a picture along: as a drawing, or as a frame for another page in which it still moves. */
export function Take({ of }: { of: RefObject<SVGSVGElement> }): JSX.Element {
  const said = useSignal('')
  const copy = async (text: string, what: string): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      said.value = `${what} is in the clipboard.`
    } catch {
      said.value = 'The browser does not let this page copy.'
    }
  }
  return (
    <p class="take">
      <button type="button" onClick={() => copy(svgText(of.current!), 'The drawing, as SVG,')}>
        Copy as SVG
      </button>{' '}
      <button type="button" onClick={() => copy(embedText(), 'HTML that shows this picture in another page')}>
        Copy to embed
      </button>{' '}
      <span role="status">{said.value}</span>
    </p>
  )
}
