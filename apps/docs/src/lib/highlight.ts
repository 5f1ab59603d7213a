import { createHighlighter } from 'shiki'
import { hueOf } from './hues.ts'
import { type Links, namesOf, stepLines, termSpans } from './links.ts'

const highlighter = createHighlighter({
  themes: ['github-light-high-contrast', 'github-dark-high-contrast'],
  langs: ['ts', 'python', 'bash', 'json'],
})

/** Code as HTML: names that stand for terms and lines that compute steps carry `data-term`, `data-hue` and `data-step`. */
export async function highlight(text: string, lang: string, links: Links): Promise<string> {
  const { symbols, steps = {} } = links
  const lines = stepLines(text, steps)
  return (await highlighter).codeToHtml(text, {
    lang,
    themes: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    defaultColor: false,
    decorations: termSpans(text, symbols).map(({ start, end, term }) => ({
      start,
      end,
      properties: { 'data-term': namesOf(term, links), 'data-hue': hueOf(term, links) },
      alwaysWrap: true,
    })),
    transformers: [
      {
        line(node, number) {
          const ids = lines.get(number - 1)
          if (ids !== undefined) node.properties['data-step'] = ids.join(' ')
        },
      },
    ],
  })
}
