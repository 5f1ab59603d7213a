import { type ChildProcess, fork } from 'node:child_process'
import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'

/** How many times longer things take while others use the machine. */
export const busy = (): number => Math.max(1, loadavg()[0] / availableParallelism())

const running = new Set<number>()

/** Ends a group of processes, or what is left of it. */
function end(group: number): void {
  if (!running.delete(group)) return
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

process.on('exit', () => {
  for (const group of running) end(group)
})

interface Said<A> {
  readonly id: number
  readonly answer: A
  /** It could not even try. */
  readonly broken?: string
}

/** A script of a copy of the repository that answers questions, and is started anew when one ends it. */
export class AskedProcess<Q, A> {
  readonly #folder: string
  readonly #script: string
  readonly #args: readonly string[]
  readonly #env: NodeJS.ProcessEnv
  #child: ChildProcess | null = null
  #ready: Promise<unknown> = Promise.resolve()
  #id = 0

  /** `script`: beside this file. */
  constructor(folder: string, script: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
    this.#folder = folder
    this.#script = script
    this.#args = args
    this.#env = env
  }

  /** The answer; null where it took longer than `limit` milliseconds, or where the question ended the process. */
  async ask(question: Q, limit: number): Promise<A | null> {
    this.#start()
    await this.#ready
    const id = ++this.#id
    const answered = this.#said(id)
    this.#child?.send({ id, question })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), limit)))
    const found = await Promise.race([answered, late])
    clearTimeout(timer)
    if (found?.broken !== undefined) throw new Error(`${this.#script}: ${found.broken}`)
    if (found === null) await this.close()
    return found === null ? null : found.answer
  }

  #start(): void {
    if (this.#child !== null) return
    // A group of its own: with it end the tests that do not end.
    const child = fork(join(this.#folder, 'scripts/mutation', this.#script), [...this.#args], {
      cwd: this.#folder,
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: { ...process.env, CI: '1', ...this.#env },
    })
    const group = child.pid as number
    running.add(group)
    child.once('exit', () => end(group))
    this.#child = child
    this.#ready = this.#said(0)
  }

  #said(id: number): Promise<Said<A> | null> {
    const child = this.#child as ChildProcess
    return new Promise((resolve) => {
      const settle = (said: Said<A> | null): void => {
        child.off('message', listen)
        child.off('exit', ended)
        resolve(said)
      }
      const listen = (said: Said<A>): void => {
        if (said.id === id) settle(said)
      }
      const ended = (): void => settle(null)
      child.on('message', listen)
      child.on('exit', ended)
    })
  }

  /** Ends the process and all that it started. */
  async close(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child?.pid === undefined || !running.has(child.pid)) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    end(child.pid)
    await ended
  }
}

/** The other side: answers every question that comes, until nobody asks any more. */
export function answerAll(answer: (question: never) => Promise<unknown>): void {
  process.on('message', ({ id, question }: { id: number; question: never }) => {
    answer(question).then(
      (found) => process.send?.({ id, answer: found }),
      (error: Error) => process.send?.({ id, broken: String(error.stack) }),
    )
  })
  process.on('disconnect', () => process.exit())
  process.send?.({ id: 0 })
}
