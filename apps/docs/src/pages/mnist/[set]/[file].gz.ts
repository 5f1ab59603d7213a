import type { APIRoute, GetStaticPaths } from 'astro'
import { files, mnistFile } from '../../../lib/mnist.ts'

export const getStaticPaths: GetStaticPaths = () =>
  ['subset', 'full'].flatMap((set) => files.map((file) => ({ params: { set, file } })))

export const GET: APIRoute = async ({ params }) =>
  new Response((await mnistFile(params.set!, params.file!)) as Uint8Array<ArrayBuffer>, {
    headers: { 'Content-Type': 'application/gzip' },
  })
