import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Question, Reply } from './question.ts'

/** A library and what answers for it. */
export interface Library {
  readonly name: string
  /** The program and its arguments, below bench/conformance/. */
  readonly command: readonly [string, ...string[]]
  /** What it is installed from. */
  readonly from: 'npm' | 'python'
  /** Of a Python library: the file that has its versions, from bench/conformance/. */
  readonly requirements?: string
  /** A variable that may name a Python which has it already. */
  readonly given?: string
  /** It has no way back. */
  readonly forward?: boolean
  /** Of each folder it is asked only so many golden cases: it compiles each for seconds. */
  readonly casesOfFolder?: number
}

/** The PyTorch that made the golden values. */
const torch = {
  from: 'python',
  requirements: '../../fixtures/requirements.txt',
  given: 'HANDGRAD_PYTHON',
} as const

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
  { name: 'PyTorch', command: ['pytorch.py'], ...torch },
  { name: 'PyTorch compiled', command: ['pytorch.py', 'compiled'], ...torch, casesOfFolder: 8 },
  { name: 'PyTorch channels_last', command: ['pytorch.py', 'channels_last'], ...torch },
]

const adapters = new URL('../../../../bench/conformance/', import.meta.url)

/** One that answers takes no longer than this for a question, in milliseconds: torch.compile calls a C++ compiler. */
const PATIENCE = 300_000

interface Running {
  readonly child: ChildProcess
  readonly lines: AsyncIterator<string>
  readonly version: string
}

/** @throws Error with the last line in which the program says what was wrong. */
async function run({ command }: Pick<Library, 'command'>, program: string): Promise<Running> {
  const [file, ...more] = command
  const path = fileURLToPath(new URL(file, adapters))
  const child = spawn(program, [path, ...more], { stdio: ['pipe', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)))
  child.on('error', (error) => (said = error.message))
  child.stdin.on('error', () => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const first = await within(lines.next())
  if (first?.done === false)
    return { child, lines, version: (JSON.parse(first.value) as { version: string }).version }
  child.kill()
  const reason = said
    .trim()
    .split('\n')
    .findLast((line) => /Error|error/.test(line))
  throw new Error(reason ?? 'it does not start')
}

/** A library that answers in a process of its own: one that dies or hangs takes no other with it. */
export class Asked {
  readonly version: string
  private readonly library: Pick<Library, 'command'>
  private readonly program: string
  private running: Running | null

  private constructor(library: Pick<Library, 'command'>, program: string, running: Running) {
    this.library = library
    this.program = program
    this.running = running
    this.version = running.version
  }

  /** @throws Error where the library cannot be started: it is not installed, say. */
  static async start(library: Pick<Library, 'command'>, program: string): Promise<Asked> {
    return new Asked(library, program, await run(library, program))
  }

  /** Its reply; an error where it ends or takes too long, and the next question starts it anew. */
  async ask(question: Question): Promise<Reply> {
    this.running ??= await run(this.library, this.program)
    const { child, lines } = this.running
    child.stdin!.write(`${JSON.stringify({ id: 0, ...question })}\n`)
    const line = await within(lines.next())
    if (line?.done !== false) {
      this.close()
      return { error: line === null ? 'no answer within five minutes' : 'the process ended' }
    }
    const { id: _, ...reply } = JSON.parse(line.value) as Reply & { id: number }
    return reply
  }

  close(): void {
    this.running?.child.kill()
    this.running = null
  }
}

/** What a promise gives, or null after that time. */
function within<T>(promise: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), PATIENCE)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
