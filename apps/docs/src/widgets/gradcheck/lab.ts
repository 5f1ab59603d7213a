import { type Signal, signal } from '@preact/signals'
import type { Finding, Order, Request } from '../../workers/broken-protocol.ts'
import { fetchImages } from './once.ts'

/** A view that noticed something: at which case, and what it said. */
export interface Notice {
  readonly view: string
  readonly at: string
  readonly message: string
}

/** What is known of one program. */
export interface Trial {
  readonly looked: Signal<{ looked: number; cases: number }>
  readonly notices: Signal<readonly Notice[]>
  readonly curve: Signal<readonly (readonly [step: number, loss: number])[]>
  readonly accuracy: Signal<number | null>
  readonly problem: Signal<string | null>
  readonly ended: Signal<readonly Order[]>
  stop(): void
}

/** Starts a program, one worker for each order, and follows what it tells. */
export function startTrial(slug: string, orders: readonly Order[]): Trial {
  const trial = {
    looked: signal({ looked: 0, cases: 0 }),
    notices: signal<readonly Notice[]>([]),
    curve: signal<readonly (readonly [number, number])[]>([]),
    accuracy: signal<number | null>(null),
    problem: signal<string | null>(null),
    ended: signal<readonly Order[]>([]),
  }
  const receive: { [Type in Finding['type']]: (finding: Extract<Finding, { type: Type }>) => void } = {
    case({ looked, cases }) {
      trial.looked.value = { looked, cases }
    },
    problem({ view, at, message }) {
      trial.notices.value = [...trial.notices.value, { view, at, message }]
    },
    step({ step, loss, accuracy }) {
      trial.curve.value = [...trial.curve.value, [step, loss]]
      trial.accuracy.value = accuracy
    },
    error({ message }) {
      trial.problem.value = message
    },
    end({ order }) {
      trial.ended.value = [...trial.ended.value, order]
    },
  }
  const workers = orders.map((order) => {
    const worker = new Worker(`${import.meta.env.BASE_URL}broken/${slug}.js`, { type: 'module' })
    worker.addEventListener('message', ({ data }: MessageEvent<Finding>) =>
      (receive[data.type] as (finding: Finding) => void)(data),
    )
    worker.addEventListener('error', ({ message }) => (trial.problem.value = message))
    const send = (request: Request): void => worker.postMessage(request, [])
    if (order === 'check') send({ order })
    else
      fetchImages().then(
        (images) => send({ order, images }),
        ({ message }: Error) => (trial.problem.value = message),
      )
    return worker
  })
  return { ...trial, stop: () => workers.forEach((worker) => worker.terminate()) }
}
