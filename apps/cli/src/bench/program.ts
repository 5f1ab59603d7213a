import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Answer, Request } from './serve.ts'

/** How to start something that can be measured. */
export interface Launch {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** A process that answers one JSON line with another; it is started when it is first asked, and again after it died. */
export class Program {
  readonly #launch: Launch
  #process: ChildProcess | null = null
  #lines: AsyncIterator<string> | null = null
  #said = ''

  constructor(launch: Launch) {
    this.#launch = launch
  }

  /**
   * @throws Error with its last words when the program ends, cannot do it, or has not answered within `patience`
   * milliseconds: it is stopped then.
   */
  async ask(request: Request, patience: number): Promise<Answer> {
    if (this.#process === null) this.#start()
    this.#process!.stdin!.write(`${JSON.stringify(request)}\n`)
    let late = false
    const timer = setTimeout(() => {
      late = true
      this.stop()
    }, patience)
    try {
      const answer = await this.#answer()
      if (answer.refused !== undefined) throw new Error(answer.refused)
      return answer
    } catch (error) {
      throw late ? new Error(`no answer within ${patience / 1000} s`, { cause: error }) : error
    } finally {
      clearTimeout(timer)
    }
  }

  #start(): void {
    const { command, args, env } = this.#launch
    this.#said = ''
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
    const say = (text: string): void => {
      this.#said = `${this.#said}${text}`.slice(-2000)
    }
    child.on('error', (error) => say(error.message))
    child.stdin.on('error', () => {})
    child.stderr.on('data', (chunk: Buffer) => say(chunk.toString()))
    this.#process = child
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  }

  /** The next line of JSON; what else a program prints is passed over. */
  async #answer(): Promise<Answer> {
    for (;;) {
      const { value, done } = await this.#lines!.next()
      if (done) {
        this.stop()
        throw new Error(this.#said.trim().split('\n').at(-1).trim() || 'it ended without a word')
      }
      if (value.startsWith('{')) return JSON.parse(value) as Answer
    }
  }

  stop(): void {
    this.#process?.kill('SIGKILL')
    this.#process = null
  }
}
