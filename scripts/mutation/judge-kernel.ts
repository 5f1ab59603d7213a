import { AskedProcess, busy } from './asked-process.ts'
import type { Mistake } from './mutants.ts'
import type { Outcome } from './outcome.ts'
import type { Edit } from './syntax.ts'

export interface KernelQuestion {
  readonly file: string
  readonly edit: Edit
}

export type KernelAnswer = Outcome

/** Judges mistakes in kernels: compiles them in memory and proves what runs on them, in a process that stays. */
export type KernelJudge = AskedProcess<KernelQuestion, KernelAnswer>

export const kernelJudgeOf = (folder: string): KernelJudge => new AskedProcess(folder, 'kernel-process.ts')

/** Milliseconds for one mistake, the start of the process among them. */
const LIMIT = 60_000

export async function judgeKernel(judge: KernelJudge, { file, start, end, text }: Mistake): Promise<Outcome> {
  const answer = await judge.ask({ file, edit: { start, end, text } }, LIMIT * busy())
  return answer ?? { kind: 'timed out' }
}
