import type { APIRoute } from 'astro'
import { pagesWithCases } from '../../../lib/pages-with-cases.ts'
import { renderedCases } from '../../../lib/rendered.ts'

export const getStaticPaths = () =>
  Object.keys(pagesWithCases).map((of) => {
    const [pkg, folder] = of.split('/')
    return { params: { pkg, folder } }
  })

/** The equations of a derivation in all of its cases, for the switch of its page. */
export const GET: APIRoute = ({ params: { pkg, folder } }) => {
  const of = `${pkg}/${folder}`
  const { links, forms } = pagesWithCases[of]
  return new Response(JSON.stringify(renderedCases(of, links, forms)))
}
