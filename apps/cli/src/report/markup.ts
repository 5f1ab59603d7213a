/** Markup that is safe to put into a page as it is. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Value = Markup | string | number | null | readonly (Markup | string)[]

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function textOf(value: Value): string {
  if (value === null) return ''
  if (value instanceof Markup) return value.text
  if (typeof value === 'object') return value.map(textOf).join('')
  return String(value).replace(/[&<>"']/g, (sign) => entities[sign])
}

/** A piece of HTML or SVG; what is put in is escaped unless it is markup. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(parts.reduce((text, part, i) => text + textOf(values[i - 1]) + part))
}

/** A table: the titles of its columns, and rows of cells; numbers stand to the right. */
export function table(
  titles: readonly string[],
  rows: readonly (readonly (string | number | Markup)[])[],
): Markup {
  const head = titles.map((title) => html`<th scope="col">${title}</th>`)
  const body = rows.map((row) => {
    const cells = row.map((cell) =>
      typeof cell === 'number' ? html`<td class="number">${cell}</td>` : html`<td>${cell}</td>`,
    )
    return html`<tr>${cells}</tr>\n`
  })
  return html`<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>\n${body}</tbody></table></div>`
}
