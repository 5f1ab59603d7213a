import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { contour } from '../explorers/contours.ts'
import {
  descend,
  flewAway,
  type Runner,
  runners,
  type Step,
  type Surface,
  surfaces,
} from '../explorers/descent.ts'
import { followAddress, readAddress, setAddress } from './address.ts'
import { Choice } from './Choice.tsx'
import { short } from './format.ts'
import { Head } from './Head.tsx'
import { usePlay } from './stage/use.ts'
import { Take } from './Take.tsx'

interface View {
  surface: string
  start: readonly [number, number]
  rates: Readonly<Record<Runner, number>>
  step: number
}

const WIDTH = 640
const HEIGHT = 340
const STEPS = 60
const PREFIX = 'race.'
const names = Object.keys(runners) as Runner[]
const colors: Readonly<Record<Runner, string>> = {
  sgd: 'var(--hue-x)',
  momentum: 'var(--hue-w)',
  nesterov: 'var(--hue-b)',
  adam: 'var(--hue-y)',
}
/** Keys move the start by this share of what is shown. */
const NUDGE = 0.05
const arrows: Record<string, readonly [number, number]> = {
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
}

const viewOf = (surface: string): View => {
  const { start, rates } = surfaces[surface]
  return { surface, start, rates, step: STEPS }
}

function readView(): View {
  const asked = readAddress(PREFIX)
  const view = viewOf(Object.hasOwn(surfaces, asked.surface ?? '') ? asked.surface : 'valley')
  const number = (text: string | undefined, own: number): number =>
    text !== undefined && Number.isFinite(Number(text)) ? Number(text) : own
  const [a, b] = (asked.from ?? '').split(',')
  const rates = Object.fromEntries(names.map((name) => [name, number(asked[name], view.rates[name])]))
  const start: [number, number] =
    b === undefined ? [...view.start] : [number(a, view.start[0]), number(b, view.start[1])]
  return {
    ...view,
    start,
    rates: rates as View['rates'],
    step: Math.min(STEPS, Math.max(0, number(asked.step, STEPS))),
  }
}

function writeView({ surface, start, rates, step }: View): void {
  const own = viewOf(surface)
  const changed = names.filter((name) => rates[name] !== own.rates[name]).map((name) => [name, rates[name]])
  setAddress(PREFIX, {
    ...(surface === 'valley' ? {} : { surface }),
    ...(start.join() === own.start.join() ? {} : { from: start.join() }),
    ...(Object.fromEntries(changed) as Record<string, number>),
    ...(step === STEPS ? {} : { step }),
  })
}

/** The library's optimizers on their way down, all from the point that one drags. */
export function Descent(): JSX.Element {
  const view = useSignal(viewOf('valley'))
  useEffect(() => {
    const stop = followAddress(() => (view.value = readView()))
    const unsubscribe = view.subscribe(writeView)
    return () => {
      stop()
      unsubscribe()
    }
  }, [view])
  const { surface: name, start, rates, step } = view.value
  const surface = surfaces[name]
  const paths = useMemo(
    () =>
      Object.fromEntries(
        names.map((runner) => [runner, descend(surface, runner, { start, lr: rates[runner], steps: STEPS })]),
      ) as Record<Runner, Step[]>,
    [surface, start, rates],
  )
  const change = (part: Partial<View>): void => {
    view.value = { ...view.value, ...part }
  }
  const play = usePlay(() => (step < STEPS ? (change({ step: step + 1 }), true) : false), 120)
  return (
    <div class="widget not-content" id="race" data-widget="descent">
      <div class="controls">
        <Choice
          label="surface"
          value={name}
          choices={Object.fromEntries(Object.entries(surfaces).map(([key, { title }]) => [key, title]))}
          choose={(to) => (view.value = viewOf(to))}
        />
        <button type="button" onClick={() => (view.value = viewOf(name))}>
          Reset
        </button>
      </div>
      <Landscape
        surface={surface}
        paths={paths}
        step={step}
        move={(to) => change({ start: to })}
        start={start}
      />
      <div class="controls transport">
        <button
          type="button"
          class="primary"
          onClick={() => play.toggle(step === STEPS ? () => change({ step: 0 }) : undefined)}
        >
          {play.playing ? 'Pause' : 'Run'}
        </button>
        <input
          type="range"
          name="step"
          min={0}
          max={STEPS}
          value={step}
          aria-label="steps"
          onInput={({ currentTarget }) => change({ step: currentTarget.valueAsNumber })}
        />
        <output>{step} steps</output>
      </div>
      <Runners view={view.value} paths={paths} change={change} />
      <Table paths={paths} />
    </div>
  )
}

interface LandscapeProps {
  surface: Surface
  paths: Readonly<Record<Runner, Step[]>>
  step: number
  start: readonly [number, number]
  move: (to: readonly [number, number]) => void
}

const LEVELS = 12
const CELLS = 80

function Landscape({ surface, paths, step, start, move }: LandscapeProps): JSX.Element {
  const { f, reach, lowest, title } = surface
  const canvas = useRef<SVGSVGElement>(null)
  const x = (a: number): number => ((a / reach[0] + 1) / 2) * WIDTH
  const y = (b: number): number => ((1 - b / reach[1]) / 2) * HEIGHT
  const lines = useMemo(() => {
    const top = Math.max(f(-reach[0], -reach[1]), f(reach[0], reach[1]))
    const at = (share: number, down: number): number =>
      f((2 * share - 1) * reach[0], (1 - 2 * down) * reach[1])
    return Array.from({ length: LEVELS }, (_, i) => contour(at, top * ((i + 1) / LEVELS) ** 3, CELLS))
  }, [f, reach])
  const clamp = (value: number, limit: number): number => Math.max(-limit, Math.min(limit, value))
  const drag = (event: PointerEvent): void => {
    const point = new DOMPoint(event.clientX, event.clientY)
    const at = point.matrixTransform(canvas.current!.getScreenCTM()!.inverse())
    const a = clamp((2 * at.x) / WIDTH - 1, 1) * reach[0]
    const b = clamp(1 - (2 * at.y) / HEIGHT, 1) * reach[1]
    move([Number(a.toFixed(3)), Number(b.toFixed(3))])
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = arrows[event.key]
    if (by === undefined) return
    event.preventDefault()
    const next = start.map((value, i) => Number(clamp(value + by[i] * NUDGE * reach[i], reach[i]).toFixed(3)))
    move(next as [number, number])
  }
  const seen = ({ a, b }: Step): boolean => Math.abs(a) < 3 * reach[0] && Math.abs(b) < 3 * reach[1]
  return (
    <>
      <div
        class="picture-frame"
        tabIndex={0}
        role="application"
        aria-label={`${title}, with the paths down: arrow keys move the start; the table below has the numbers`}
        onKeyDown={onKeyDown}
      >
        <svg
          ref={canvas}
          class="landscape"
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          aria-hidden="true"
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId)
            drag(event)
          }}
          onPointerMove={(event) => event.buttons > 0 && drag(event)}
        >
          {lines.map((pieces, i) => (
            <path
              key={i}
              class="contour"
              d={pieces
                .map(([x0, y0, x1, y1]) =>
                  [`M${x0 * WIDTH},${y0 * HEIGHT}`, `L${x1 * WIDTH},${y1 * HEIGHT}`].join(''),
                )
                .join('')}
            />
          ))}
          <path class="lowest" d={`M${x(lowest[0]) - 7},${y(lowest[1])}h14m-7,-7v14`} />
          {names.map((runner) => {
            const shown = paths[runner].slice(0, step + 1).filter(seen)
            const last = shown.at(-1)
            return (
              <g key={runner} data-path={runner} style={{ color: colors[runner] }}>
                <polyline
                  points={shown.map(({ a, b }) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(' ')}
                />
                {last !== undefined && <circle cx={x(last.a)} cy={y(last.b)} r="6" />}
              </g>
            )
          })}
          <circle class="start" cx={x(start[0])} cy={y(start[1])} r="9" />
        </svg>
      </div>
      <Take of={canvas} />
    </>
  )
}

interface RunnersProps {
  view: View
  paths: Readonly<Record<Runner, Step[]>>
  change: (part: Partial<View>) => void
}

function Runners({ view: { rates, step }, paths, change }: RunnersProps): JSX.Element {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Who is how far">
      <table class="plain">
        <Head titles={['who', 'learning rate', 'height']} />
        <tbody>
          {names.map((runner) => {
            const path = paths[runner]
            const at = path[Math.min(step, path.length - 1)]
            const gone = flewAway(path) && step >= path.length - 1
            return (
              <tr key={runner} data-runner={runner} data-height={at.f}>
                <th scope="row">
                  <i class="swatch" style={{ background: colors[runner] }} /> {runners[runner].title}
                </th>
                <td>
                  <label>
                    <span class="sr-only">learning rate of {runners[runner].title}</span>
                    <input
                      type="range"
                      name={runner}
                      min={0.005}
                      max={0.5}
                      step={0.005}
                      value={rates[runner]}
                      onInput={({ currentTarget }) =>
                        change({ rates: { ...rates, [runner]: currentTarget.valueAsNumber } })
                      }
                    />{' '}
                    {short(rates[runner])}
                  </label>
                </td>
                <td>{gone ? 'flew away' : short(at.f)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function Table({ paths }: { paths: Readonly<Record<Runner, Step[]>> }): JSX.Element {
  return (
    <details>
      <summary>Every step in numbers</summary>
      {names.map((runner) => (
        <div
          key={runner}
          class="scroll numbers"
          tabIndex={0}
          role="region"
          aria-label={`Steps of ${runners[runner].title}`}
        >
          <table class="plain">
            <caption>{runners[runner].title}</caption>
            <Head titles={['step', 'a', 'b', 'df/da', 'df/db', 'f']} />
            <tbody>
              {paths[runner].map(({ a, b, da, db, f }, i) => (
                <tr key={i}>
                  <th scope="row">{i}</th>
                  {[a, b, da, db, f].map((value, column) => (
                    <td key={column}>{short(value)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ))}
    </details>
  )
}
