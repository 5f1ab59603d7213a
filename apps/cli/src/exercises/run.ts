import { finished } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { callAll, LIMIT, tooLong } from './call.ts'
import type { Inputs, Outputs } from './exercise.ts'

/** What came of one call. */
export type Call =
  | { readonly kind: 'gave'; readonly outputs: Outputs; readonly changed: readonly string[] }
  | { readonly kind: 'threw'; readonly message: string }
  /** What is wrong with it was found, and put into words, where it was called. */
  | { readonly kind: 'refused'; readonly says: string }

/** What came of a file. */
export type Ran =
  | { readonly kind: 'ran'; readonly calls: readonly Call[] }
  | { readonly kind: 'broken'; readonly why: string }

// Plain text, so that it runs as it is wherever this program is installed.
const program = `
const { parentPort, workerData: { url, name, inputs } } = require('node:worker_threads')
${callAll}
callAll(url, name, inputs).then((ran) => parentPort.postMessage(ran))
`

/** Which function is called, and for how many milliseconds at most. */
export interface RunOptions {
  readonly name?: string
  readonly limit?: number
}

/** Calls a function of a file with each of the inputs, in a worker that is ended when it takes too long. */
export async function runFile(
  file: string,
  inputs: readonly Inputs[],
  { name = 'solve', limit = LIMIT }: RunOptions = {},
): Promise<Ran> {
  const url = pathToFileURL(file)
  // The same file may be run again, changed: a fresh address each time.
  url.searchParams.set('run', String(performance.now()))
  const worker = new Worker(program, {
    eval: true,
    stdout: true,
    workerData: { url: url.href, name, inputs },
  })
  // What is printed is no verdict, and all of it comes before that.
  worker.stdout.pipe(process.stderr, { end: false })
  const printed = finished(worker.stdout)
  let timer: NodeJS.Timeout
  const ran = await new Promise<Ran>((resolve) => {
    const broken = (why: string): void => resolve({ kind: 'broken', why })
    timer = setTimeout(() => broken(tooLong(name, limit)), limit)
    worker.once('message', resolve)
    worker.once('error', ({ message }) => broken(`the file does not run: ${message}`))
    worker.once('exit', () => broken(`your code ended its process before ${name}() was done`))
  })
  clearTimeout(timer!)
  await worker.terminate()
  await printed
  return ran
}
