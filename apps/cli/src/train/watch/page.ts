import { html, Markup } from '../../report/markup.ts'

/** The parts of the page, from top to bottom, and what stands above each. */
const titles = {
  run: '',
  progress: '',
  curves: '',
  filters: 'The first layer',
  mistakes: 'The worst mistakes',
  confusion: 'What is taken for what',
} as const

/** What is shown of a run. */
export type PartName = keyof typeof titles

const style = new Markup(`
:root { color-scheme: light }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; color: #222; background: #fff }
main { max-width: 62rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1.1rem; margin: 1.5rem 0 0.5rem }
svg { max-width: 100%; height: auto }
progress { width: 100%; height: 0.6rem }
figure { display: inline-block; margin: 0 0.6rem 0.6rem 0; font-size: 0.85rem; text-align: center }
figure img { display: block; margin: 0 auto; image-rendering: pixelated; border: 1px solid #8884 }
.scroll { overflow-x: auto }
table { border-collapse: collapse; font-size: 0.85rem }
th, td { padding: 0.15rem 0.5rem; text-align: right; font-variant-numeric: tabular-nums }
#link { color: #595959; font-size: 0.85rem }
`)

const script = (nonce: string): Markup =>
  new Markup(`<script nonce="${nonce}">
const link = document.getElementById('link')
const source = new EventSource('events')
for (const part of document.querySelectorAll('[data-part]'))
  source.addEventListener(part.id, ({ data }) => { part.innerHTML = JSON.parse(data); part.closest('section').hidden = false })
source.onopen = () => { link.textContent = 'live' }
source.onerror = () => { link.textContent = 'the connection is lost; trying again' }
source.addEventListener('end', () => { source.close(); link.textContent = 'the command has ended: this is what it was last' })
</script>`)

/** The page: empty parts, and a script that fills them with what the server sends. */
export function pageHtml(nonce: string): Markup {
  const sections = Object.entries(titles).map(
    ([name, title]) =>
      html`<section hidden>${title === '' ? '' : html`<h2>${title}</h2>\n`}<div id="${name}" data-part></div></section>\n`,
  )
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>handgrad train</title><link rel="icon" href="data:,"><style>${style}</style></head>
<body><main>
<p id="link" role="status">connecting</p>
${sections}</main>
${script(nonce)}</body></html>
`
}
