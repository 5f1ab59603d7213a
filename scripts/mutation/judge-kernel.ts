import { AskedProcess, busy } from './asked-process.ts'
import type { Mistake } from './mutants.ts'
import type { Outcome } from './outcome.ts'
import type { Edit } from './syntax.ts'

export interface KernelQuestion {
  readonly file: string
  readonly edit: Edit
}

export type KernelAnswer = Outcome

/** Milliseconds for one mistake, with the start of the process and what the networks should come to. */
const LIMIT = 90_000
/** Nothing that was imported is ever forgotten, so the process is a new one after so many mistakes. */
const MANY = 100

/**
 * Judges mistakes in kernels: compiles them in memory, and proves the layers and runs the fixed networks on them in a
 * process that stays, for what they should come to is worked out once.
 */
export class KernelJudge {
  readonly #process: AskedProcess<KernelQuestion, KernelAnswer>
  #count = 0

  constructor(folder: string) {
    this.#process = new AskedProcess(folder, 'kernel-process.ts')
  }

  async judge({ file, start, end, text }: Mistake): Promise<Outcome> {
    if (++this.#count % MANY === 0) await this.close()
    const answer = await this.#process.ask({ file, edit: { start, end, text } }, LIMIT * busy())
    return answer ?? { kind: 'timed out' }
  }

  close(): Promise<void> {
    return this.#process.close()
  }
}
