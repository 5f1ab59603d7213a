import { createInterface } from 'node:readline'

/** What is measured: one network at one batch size, forwards or both ways. */
export interface Setting {
  readonly network: string
  readonly batch: number
  readonly mode: 'train' | 'infer'
}

/** What `bench` asks of a program that is measured, one JSON object a line. */
export type Request =
  | { readonly prepare: Setting & { readonly threads: readonly number[] } }
  | { readonly run: { readonly threads: number; readonly milliseconds: number } }

/** What it answers. */
export interface Answer {
  /** After `prepare`: how long the slowest warm step took, in seconds. */
  readonly step?: number
  /** After `run`. */
  readonly images?: number
  readonly seconds?: number
  /** Why a setting cannot be run. */
  readonly refused?: string
}

/** One step of a setting: a batch both ways with its update, or forwards. */
export type Step = () => void | Promise<void>

/** Warm-up of a step: at least so many, and so long. */
const WARM = { steps: 3, milliseconds: 200 }
/** A step that takes so long is warm enough after one. */
const SLOW_MS = 500

/** Answers `bench` on stdin and stdout until stdin ends; `make` builds a setting for a number of threads. */
export async function serve(
  make: (setting: Setting, threads: number) => Step | Promise<Step>,
): Promise<never> {
  const steps = new Map<number, Step>()
  let batch = 0

  const prepare = async ({
    threads,
    ...setting
  }: Setting & { threads: readonly number[] }): Promise<Answer> => {
    steps.clear()
    batch = setting.batch
    let slowest = 0
    for (const count of threads) {
      const step = await make(setting, count)
      steps.set(count, step)
      slowest = Math.max(slowest, await warm(step))
    }
    return { step: slowest }
  }

  const run = async ({
    threads,
    milliseconds,
  }: {
    threads: number
    milliseconds: number
  }): Promise<Answer> => {
    const step = steps.get(threads)
    if (step === undefined) return { refused: `nothing is prepared for ${threads} threads` }
    const { count, seconds } = await repeat(step, 1, milliseconds)
    return { images: count * batch, seconds }
  }

  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request
    const answer = 'run' in request ? run(request.run) : prepare(request.prepare)
    console.log(JSON.stringify(await answer.catch(refusal)))
  }
  process.exit(0)
}

const refusal = (error: unknown): Answer => ({
  refused: error instanceof Error ? error.message : String(error),
})

/** Seconds a step takes when it is warm. */
async function warm(step: Step): Promise<number> {
  const first = await repeat(step, 1, 0)
  if (first.seconds * 1000 > SLOW_MS) return first.seconds
  await repeat(step, WARM.steps, WARM.milliseconds)
  // Worker threads come up, and optimised code, while the event loop turns.
  await new Promise((resolve) => setTimeout(resolve, 50))
  const { count, seconds } = await repeat(step, WARM.steps, WARM.milliseconds)
  return seconds / count
}

async function repeat(
  step: Step,
  atLeast: number,
  milliseconds: number,
): Promise<{ count: number; seconds: number }> {
  const from = performance.now()
  let count = 0
  do {
    const running = step()
    if (running !== undefined) await running
    count++
  } while (count < atLeast || performance.now() < from + milliseconds)
  return { count, seconds: (performance.now() - from) / 1000 }
}
