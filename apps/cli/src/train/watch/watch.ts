import type { TrainEvent, TrainingRun } from '@handgrad/trainer'
import { oneLine } from '../../errors.ts'
import type { Io } from '../../io.ts'
import { modelName } from '../../network/own-network.ts'
import { html, type Markup } from '../../report/markup.ts'
import type { NamedData } from '../load-data.ts'
import { confusionPart } from './confusion.ts'
import { curvesPart } from './curves.ts'
import { filtersPart } from './filters.ts'
import { LivePoints } from './live-points.ts'
import { look } from './look.ts'
import { mistakesPart } from './mistakes.ts'
import type { PartName } from './page.ts'
import { donePart, progressPart } from './progress.ts'
import { openPageServer } from './server.ts'

/** A page on this machine that shows a training while it goes, or several in turn. */
export interface Watch {
  /** A run begins, or goes on. */
  begin(run: TrainingRun, data: NamedData): void
  event(event: TrainEvent): void
  close(): Promise<void>
}

/** Milliseconds between two drawings: of the line that says how far it is, and of pictures. */
const OFTEN = { progress: 250, pictures: 2000 }

/** What is shown of one run. */
interface Shown {
  readonly run: TrainingRun
  readonly data: NamedData
  readonly points: LivePoints
}

/**
 * Opens the page, and says where it is. Pictures are drawn only while someone looks.
 * @throws CliError where no port is free.
 */
export async function openWatch(io: Io, now: () => number = () => performance.now()): Promise<Watch> {
  let shown: Shown | null = null
  const last = { progress: -Infinity, pictures: -Infinity }
  let problem: string | null = null

  const server = await openPageServer(() => {
    // A page that has just been opened has not seen the last epoch's end.
    last.pictures = -Infinity
    isLookDue = true
  })
  let isLookDue = false
  io.err.line(`watch: ${server.url}`)

  /** A picture that cannot be drawn costs nothing but itself. */
  const show = (part: PartName, draw: () => Markup | null): void => {
    try {
      const content = draw()
      if (content !== null) server.show(part, content)
    } catch (error) {
      if (problem !== oneLine(error)) io.err.line(`note: the page lacks ${part}: ${oneLine(error)}`)
      problem = oneLine(error)
    }
  }
  const isDue = (what: keyof typeof OFTEN): boolean => {
    if (now() - last[what] < OFTEN[what]) return false
    last[what] = now()
    return true
  }
  const pictures = ({ run, data, points }: Shown): void => {
    show('curves', () => curvesPart(points.all, run.history))
    show('filters', () => filtersPart(run.net, data.train.sampleShape ?? []))
  }
  const looked = ({ run, data }: Shown): void => {
    isLookDue = false
    const names = data.description.classes
    const found = look(run, data.classes)
    show('mistakes', () => mistakesPart(found, names, data.train.sampleShape ?? []))
    show('confusion', () => confusionPart(found, names))
  }

  return {
    begin(run, data) {
      shown = { run, data, points: new LivePoints() }
      const { model, preset, seed, epochs } = run.config
      const title = `${modelName(model)} on ${data.description.title}, ${preset} preset, seed ${seed}, ${epochs} epochs`
      show('run', () => html`<h1>${title}</h1>`)
    },
    event(event) {
      if (shown === null) return
      if (event.event === 'done') {
        show('progress', () => donePart(event))
        return
      }
      if (event.event === 'progress') {
        shown.points.add(event)
        if (isDue('progress')) show('progress', () => progressPart(event))
        // After the last epoch the weights are those that are tested.
        if (event.phase === 'test') return
      }
      if (server.pages === 0) return
      if (event.event === 'epoch' || isDue('pictures')) pictures(shown)
      if (event.event === 'epoch' || isLookDue) looked(shown)
    },
    close: () => server.close(),
  }
}
