import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'

/** Something that can be timed: a process that answers a line of milliseconds with what it did in them. */
export interface Contender {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** How long a contender may take to come up, and to answer. */
const PATIENCE_MS = 180_000

/** A contender that has come up. */
export class Running {
  readonly name: string
  readonly #process: ChildProcess
  readonly #lines: AsyncIterator<string>
  readonly #reader: Interface
  #said = ''

  private constructor({ name, command, args, env }: Contender) {
    this.name = name
    this.#process = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#process.on('error', (error) => {
      this.#said = error.message
    })
    this.#process.stdin!.on('error', () => {})
    this.#process.stderr!.on('data', (chunk: Buffer) => {
      this.#said = `${this.#said}${chunk.toString()}`.slice(-2000)
    })
    this.#reader = createInterface({ input: this.#process.stdout! })
    this.#lines = this.#reader[Symbol.asyncIterator]()
  }

  /** Starts a contender and waits until it is warm. @throws Error with its last words when it does not come up. */
  static async start(contender: Contender): Promise<Running> {
    const running = new Running(contender)
    await running.#answer()
    return running
  }

  /** Images per second over so many milliseconds. */
  async measure(milliseconds: number): Promise<number> {
    this.#process.stdin!.write(`${milliseconds}\n`)
    const { images, seconds } = await this.#answer()
    return images / seconds
  }

  /** The next line of JSON; what else it prints is passed over. */
  async #answer(): Promise<{ images: number; seconds: number }> {
    const timer = setTimeout(() => this.stop(), PATIENCE_MS)
    try {
      for (;;) {
        const { value, done } = await this.#lines.next()
        if (done) throw new Error(lastLine(this.#said) || 'it ended without a word')
        if (value.startsWith('{')) return JSON.parse(value) as { images: number; seconds: number }
      }
    } finally {
      clearTimeout(timer)
    }
  }

  stop(): void {
    this.#reader.close()
    this.#process.kill('SIGKILL')
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)!.trim()
}
