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
export function runFile(
  file: string,
  inputs: readonly Inputs[],
  { name = 'solve', limit = LIMIT }: RunOptions = {},
): Promise<Ran> {
  const url = pathToFileURL(file)
  // The same file may be run again, changed: a fresh address each time.
  url.searchParams.set('run', String(performance.now()))
  const worker = new Worker(program, { eval: true, workerData: { url: url.href, name, inputs } })
  return new Promise((resolve) => {
    const end = (ran: Ran): void => {
      clearTimeout(timer)
      resolve(ran)
      void worker.terminate()
    }
    const timer = setTimeout(() => end({ kind: 'broken', why: tooLong(name, limit) }), limit)
    worker.once('message', end)
    worker.once('error', ({ message }) => end({ kind: 'broken', why: `the file does not run: ${message}` }))
    worker.once('exit', () =>
      end({ kind: 'broken', why: `your code ended its process before ${name}() was done` }),
    )
  })
}
