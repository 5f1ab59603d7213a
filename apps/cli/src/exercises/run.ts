import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Inputs, Outputs } from './exercise.ts'

/** Code of a learner may take so long, in milliseconds, for all of its cases. */
export const LIMIT = 5000

/** What came of one call. */
export type Call =
  | { readonly kind: 'gave'; readonly outputs: Outputs; readonly changed: readonly string[] }
  | { readonly kind: 'threw'; readonly message: string }

/** What came of a file. */
export type Ran =
  | { readonly kind: 'ran'; readonly calls: readonly Call[] }
  | { readonly kind: 'broken'; readonly why: string }

// Plain text, so that it runs as it is wherever this program is installed.
const program = `
const { parentPort, workerData } = require('node:worker_threads')
const text = (error) => error instanceof Error ? error.message : 'something that is no Error: ' + String(error)
const place = (error) => {
  const line = error instanceof Error ? /:(\\d+):\\d+\\)?$/m.exec((error.stack ?? '').split(workerData.url)[1] ?? '') : null
  return line === null ? '' : ' (line ' + line[1] + ')'
}
const call = (solve, inputs) => {
  const given = structuredClone(inputs)
  let outputs
  try {
    outputs = solve(given)
  } catch (error) {
    return { kind: 'threw', message: text(error) + place(error) }
  }
  const same = (a, b) => Array.isArray(a) ? Array.isArray(b) && a.length === b.length && a.every((v, i) => same(v, b[i])) : Object.is(a, b)
  const changed = Object.keys(inputs).filter((name) => !same(inputs[name], given[name]))
  try {
    return { kind: 'gave', outputs: structuredClone(outputs), changed }
  } catch {
    return { kind: 'threw', message: 'solve() gave something that is no number and no list' }
  }
}
import(workerData.url).then(
  (module) => {
    if (typeof module.solve !== 'function') return parentPort.postMessage({ kind: 'broken', why: 'the file exports no function solve()' })
    parentPort.postMessage({ kind: 'ran', calls: workerData.inputs.map((inputs) => call(module.solve, inputs)) })
  },
  (error) => parentPort.postMessage({ kind: 'broken', why: 'the file does not load: ' + text(error) }),
)
`

/** Calls `solve` of a file with each of the inputs, in a worker that is ended after `limit` milliseconds. */
export function runFile(file: string, inputs: readonly Inputs[], limit: number = LIMIT): Promise<Ran> {
  const url = pathToFileURL(file)
  // The same file may be run again, changed: a fresh address each time.
  url.searchParams.set('run', String(performance.now()))
  const worker = new Worker(program, { eval: true, workerData: { url: url.href, inputs } })
  return new Promise((resolve) => {
    const end = (ran: Ran): void => {
      clearTimeout(timer)
      resolve(ran)
      void worker.terminate()
    }
    const timer = setTimeout(
      () => end({ kind: 'broken', why: `your solve() did not end in ${limit / 1000} s` }),
      limit,
    )
    worker.once('message', end)
    worker.once('error', ({ message }) => end({ kind: 'broken', why: `the file does not run: ${message}` }))
    worker.once('exit', () =>
      end({ kind: 'broken', why: 'your code ended its process before solve() was done' }),
    )
  })
}
