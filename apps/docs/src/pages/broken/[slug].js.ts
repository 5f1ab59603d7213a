import type { APIRoute, GetStaticPaths } from 'astro'
import { type Broken, bundleOf, programs } from '../../lib/broken.ts'

export const getStaticPaths: GetStaticPaths = () =>
  programs.map((program) => ({ params: { slug: program.slug }, props: { program } }))

export const GET: APIRoute<{ program: Broken }> = async ({ props }) =>
  new Response(await bundleOf(props.program), { headers: { 'Content-Type': 'text/javascript' } })
