import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Question, Reply } from './question.ts'

/** A library and what answers for it. */
export interface Library {
  readonly name: string
  /** The program and its arguments, below bench/conformance/. */
  readonly command: readonly [string, ...string[]]
  /** What it is installed from; a Python library without requirements of its own is found, not installed. */
  readonly from: 'npm' | 'python'
  /** The file below bench/conformance/ that has its versions. */
  readonly requirements?: string
  /** It has no way back. */
  readonly forward?: boolean
}

/** The libraries that are asked, in the order of the table. */
export const libraries: readonly Library[] = [
  { name: 'TensorFlow.js cpu', command: ['tfjs.mjs', 'cpu'], from: 'npm' },
  { name: 'TensorFlow.js wasm', command: ['tfjs.mjs', 'wasm'], from: 'npm' },
  { name: 'jax-js', command: ['jax-js.mjs'], from: 'npm' },
  { name: 'ConvNetJS', command: ['convnetjs.mjs'], from: 'npm' },
  { name: 'onnxruntime-node', command: ['onnxruntime.mjs'], from: 'npm', forward: true },
  { name: 'JAX + flax', command: ['jax_flax.py'], from: 'python', requirements: 'requirements-jax.txt' },
  {
    name: 'Keras + TensorFlow',
    command: ['keras_tensorflow.py'],
    from: 'python',
    requirements: 'requirements-keras.txt',
  },
  { name: 'PyTorch', command: ['pytorch.py'], from: 'python' },
  { name: 'PyTorch compiled', command: ['pytorch.py', 'compiled'], from: 'python' },
  { name: 'PyTorch channels_last', command: ['pytorch.py', 'channels_last'], from: 'python' },
]

const adapters = new URL('../../../../bench/conformance/', import.meta.url)

/** One that answers takes no longer than this for a question, in milliseconds. */
const PATIENCE = 60_000

/** A library that answers in a process of its own: one that dies or hangs takes no other with it. */
export class Asked {
  readonly version: string
  private readonly child: ChildProcess
  private readonly lines: AsyncIterator<string>

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, version: string) {
    this.child = child
    this.lines = lines
    this.version = version
  }

  /** @throws Error where the library cannot be started: it is not installed, say. */
  static async start({ command }: Pick<Library, 'command'>, program: string): Promise<Asked> {
    const [file, ...more] = command
    const path = fileURLToPath(new URL(file, adapters))
    const child = spawn(program, [path, ...more], { stdio: ['pipe', 'pipe', 'pipe'] })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)))
    child.on('error', (error) => (said = error.message))
    child.stdin.on('error', () => {})
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const first = await within(lines.next())
    if (first?.done !== false) {
      child.kill()
      throw new Error(
        said
          .trim()
          .split('\n')
          .findLast((line) => /Error|error/.test(line)) ?? 'it does not start',
      )
    }
    return new Asked(child, lines, (JSON.parse(first.value) as { version: string }).version)
  }

  /** Its reply; an error where it ends or takes too long. */
  async ask(question: Question): Promise<Reply> {
    this.child.stdin!.write(`${JSON.stringify({ id: 0, ...question })}\n`)
    const line = await within(this.lines.next())
    if (line?.done !== false) {
      this.child.kill()
      return { error: line === null ? 'no answer within a minute' : 'the process ended' }
    }
    const { id: _, ...reply } = JSON.parse(line.value) as Reply & { id: number }
    return reply
  }

  close(): void {
    this.child.kill()
  }
}

/** What a promise gives, or null after a minute. */
function within<T>(promise: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), PATIENCE)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
