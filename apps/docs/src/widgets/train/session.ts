import { type Signal, signal } from '@preact/signals'
import type { Look, Plain, Point, Report, Request, Subject } from '../../workers/protocol.ts'

type ReportOf<Type extends Report['type']> = Extract<Report, { type: Type }>

/** What is known of the run: one worker for the whole page. */
export interface Session {
  readonly status: Signal<'idle' | 'loading' | 'running' | 'paused' | 'done'>
  readonly phase: Signal<string>
  readonly points: Signal<readonly Point[]>
  readonly epochs: Signal<readonly ReportOf<'epoch'>[]>
  readonly ready: Signal<ReportOf<'ready'> | null>
  readonly filters: Signal<Plain | null>
  readonly done: Signal<ReportOf<'done'> | null>
  readonly measured: Signal<ReportOf<'measured'> | null>
  readonly problem: Signal<string | null>
  send(request: Exclude<Request, { type: 'look' }>): void
  /** Passes one image through the network as it is now. */
  look(subject: Subject): Promise<Look>
}

/** Curves are redrawn no more often than this, in milliseconds. */
const REDRAW_EVERY = 100

function createSession(): Session {
  let worker: Worker | null = null
  let looks = 0
  const waiting = new Map<number, (look: Look) => void>()
  const fresh: Point[] = []
  let redraw = 0
  const session: Session = {
    status: signal('idle'),
    phase: signal(''),
    points: signal([]),
    epochs: signal([]),
    ready: signal(null),
    filters: signal(null),
    done: signal(null),
    measured: signal(null),
    problem: signal(null),
    send(request) {
      if (request.type === 'start') reset()
      if (request.type === 'pause' || request.type === 'step') session.status.value = 'paused'
      if (request.type === 'resume') session.status.value = 'running'
      if (request.type === 'stop') session.status.value = 'idle'
      post(request)
    },
    look(subject) {
      const id = ++looks
      post({ type: 'look', id, subject })
      return new Promise((resolve) => waiting.set(id, resolve))
    },
  }

  function post(request: Request): void {
    if (worker === null) {
      worker = new Worker(new URL('../../workers/train.worker.ts', import.meta.url), { type: 'module' })
      worker.addEventListener('message', ({ data }: MessageEvent<Report>) =>
        (receive[data.type] as (report: Report) => void)(data),
      )
      worker.addEventListener('error', ({ message }) => (session.problem.value = message))
    }
    worker.postMessage(request, [])
  }

  function reset(): void {
    fresh.length = 0
    session.status.value = 'loading'
    session.points.value = []
    session.epochs.value = []
    session.done.value = null
    session.problem.value = null
  }

  function flush(): void {
    session.points.value = [...session.points.value, ...fresh.splice(0)]
    redraw = 0
  }

  const receive: { [Type in Report['type']]: (report: ReportOf<Type>) => void } = {
    ready(report) {
      session.ready.value = report
      session.status.value = 'running'
    },
    point({ point }) {
      fresh.push(point)
      session.phase.value = 'training'
      redraw ||= window.setTimeout(flush, REDRAW_EVERY)
    },
    phase({ phase }) {
      session.phase.value = phase
    },
    epoch(report) {
      session.epochs.value = [...session.epochs.value, report]
    },
    filters({ weight }) {
      session.filters.value = weight
    },
    done(report) {
      session.done.value = report
      session.status.value = 'done'
    },
    measured(report) {
      session.measured.value = report
    },
    look({ id, look }) {
      waiting.get(id)?.(look)
      waiting.delete(id)
    },
    error({ message }) {
      session.problem.value = message
      session.status.value = 'idle'
    },
  }
  return session
}

/** The page's one session. */
export const session: Session = createSession()
