import { callAll, LIMIT, tooLong } from '../../../../cli/src/exercises/call.ts'
import type { Inputs } from '../../../../cli/src/exercises/exercise.ts'
import type { Ran } from '../../../../cli/src/exercises/run.ts'

/** A frame must be there and its worker begin within so many milliseconds; then the learner's own time runs. */
const PATIENCE = 30_000

/**
 * The worker: it takes the learner's code and the inputs, and answers with a word that only this program knows, so that nothing
 * the code itself posts is taken for its result.
 */
const workerProgram = `${callAll}
const tell = self.postMessage.bind(self)
self.addEventListener('message', ({ data: { word, code, name, inputs } }) => {
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
  tell({ word, begun: true })
  callAll(url, name, inputs).then((ran) => tell({ word, ran }))
}, { once: true })`

/** What the frame runs: it starts the worker, hands on what it says, and ends it when its time is over. */
const frameProgram = `
addEventListener('message', ({ data, ports: [port] }) => {
  const worker = new Worker(URL.createObjectURL(new Blob([data.program], { type: 'text/javascript' })))
  let timer
  const end = (answer) => {
    clearTimeout(timer)
    worker.terminate()
    port.postMessage(answer)
  }
  worker.onmessage = ({ data: said }) => {
    if (said?.word !== data.job.word) return
    if (said.begun) timer = setTimeout(() => end({ late: true }), data.limit)
    else end({ ran: said.ran })
  }
  worker.onerror = ({ message }) => end({ error: String(message) })
  worker.postMessage(data.job)
}, { once: true })
parent.postMessage('there', '*')`

// No network: only scripts of the frame itself and of blobs may run, and nothing may be fetched.
const policy = "default-src 'none'; script-src 'unsafe-inline' blob:; worker-src blob:"
const frameText = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}"><script>${frameProgram}</script>`

/** A sandboxed frame without this site's origin, once its program runs. */
function openFrame(frame: HTMLIFrameElement): Promise<Window> {
  return new Promise((resolve) => {
    const listen = ({ source, data }: MessageEvent): void => {
      if (source !== frame.contentWindow || data !== 'there') return
      removeEventListener('message', listen)
      resolve(frame.contentWindow!)
    }
    addEventListener('message', listen)
    document.body.append(frame)
  })
}

type Answer = { ran: Ran } | { late: true } | { error: string }

function ranOf(answer: Answer, name: string): Ran {
  if ('ran' in answer) return answer.ran
  if ('late' in answer) return { kind: 'broken', why: tooLong(name, LIMIT) }
  return { kind: 'broken', why: `the file does not run: ${answer.error}` }
}

/**
 * Calls a function that a learner's code exports with each of the inputs: in a worker of a sandboxed frame, without this site's
 * origin and without network, ended after 5 s.
 * @throws Error when the browser does not start the frame.
 */
export async function runCode(code: string, inputs: readonly Inputs[], name = 'solve'): Promise<Ran> {
  const frame = document.createElement('iframe')
  frame.sandbox.add('allow-scripts')
  frame.hidden = true
  frame.title = 'where your code runs'
  frame.srcdoc = frameText
  let timer = 0
  const late = new Promise<never>((_, reject) => {
    const tell = (): void => reject(new Error('the browser did not start the frame that your code runs in'))
    timer = window.setTimeout(tell, PATIENCE)
  })
  const answered = async (): Promise<Answer> => {
    const place = await openFrame(frame)
    const { port1, port2 } = new MessageChannel()
    const answer = new Promise<Answer>((resolve) => {
      port1.addEventListener('message', ({ data }: MessageEvent<Answer>) => resolve(data), { once: true })
      port1.start()
    })
    const job = { word: crypto.randomUUID(), code, name, inputs }
    // A frame without an origin can only be addressed as any.
    place.postMessage({ program: workerProgram, limit: LIMIT, job }, '*', [port2])
    return answer
  }
  try {
    return ranOf(await Promise.race([answered(), late]), name)
  } finally {
    clearTimeout(timer)
    frame.remove()
  }
}
