import { html, type Markup } from '../../report/markup.ts'
import type { Look } from './look.ts'

/** A table: a row for each class, a column for what its images were taken for; the more, the darker. */
export function confusionPart({ images, confusion }: Look, names: readonly string[]): Markup {
  const rows = names.map((truth, i) => {
    const counts = names.map((_, j) => confusion.at(i, j))
    const all = counts.reduce((a, b) => a + b, 0)
    const cells = counts.map((count, j) => {
      const colour = i === j ? '0, 114, 178' : '213, 94, 0'
      // Mistakes are few: a tenth of a class is as dark as it gets.
      const share = all === 0 ? 0 : Math.min(1, (i === j ? 1 : 10) * (count / all))
      return html`<td style="background: rgba(${colour}, ${(share * 0.55).toFixed(2)})">${count === 0 ? '' : count}</td>`
    })
    return html`<tr><th scope="row">${truth}</th>${cells}</tr>\n`
  })
  const head = names.map((name) => html`<th scope="col">${name}</th>`)
  return html`<p>The first ${images} validation images: a row is what they are, a column what they were taken for.</p>
<div class="scroll"><table><thead><tr><td></td>${head}</tr></thead><tbody>\n${rows}</tbody></table></div>`
}
