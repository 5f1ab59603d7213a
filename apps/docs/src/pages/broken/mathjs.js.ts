import type { APIRoute } from 'astro'
import { bundleOfMath } from '../../lib/broken.ts'

export const GET: APIRoute = async () =>
  new Response(await bundleOfMath(), { headers: { 'Content-Type': 'text/javascript' } })
