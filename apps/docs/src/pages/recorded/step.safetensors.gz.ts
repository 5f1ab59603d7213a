import type { APIRoute } from 'astro'
import { recordedStep } from '../../lib/recorded.ts'

export const GET: APIRoute = async () =>
  new Response((await recordedStep()) as Uint8Array<ArrayBuffer>, {
    headers: { 'Content-Type': 'application/gzip' },
  })
