import { defineRouteMiddleware } from '@astrojs/starlight/route-data'
import { hunt, report } from './lib/evidence.ts'
import { headingsOfSpeed } from './lib/speed.ts'

type Heading = readonly [slug: string, text: string]

/** The headings that components make; Markdown's own are known. */
const headings: Readonly<Record<string, readonly Heading[]>> = {
  proof: [
    ['by-layer', 'Layer by layer'],
    ['errors', 'Where the errors are'],
    ['steps', 'Line by line'],
    ['mutants', 'Mistakes, on purpose'],
    ...((report?.scores ?? []).length > 0 ? [['scores', 'Mistakes that nobody chose'] as const] : []),
    ...(hunt.curves === null ? [] : [['accuracy', 'Accuracy is no evidence'] as const]),
  ],
  speed: headingsOfSpeed(),
}

/** Puts the headings that components make into "On this page", after the first one. */
export const onRequest = defineRouteMiddleware(({ locals }) => {
  const { toc, id } = locals.starlightRoute
  const own = report === null && id === 'proof' ? [] : (headings[id] ?? [])
  toc?.items.splice(1, 0, ...own.map(([slug, text]) => ({ depth: 2, slug, text, children: [] })))
})
