import type { Tensor } from '@handgrad/tensor'
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useMemo, useRef } from 'preact/hooks'
import { flatIndex, product } from '../../explorers/explorer.ts'
import {
  explanationsOf,
  type Route,
  type RouteModel,
  routesTo,
  sumOf,
  tensorsOf,
} from '../../stages/routes.ts'
import { address, short } from '../format.ts'
import { Take } from '../Take.tsx'
import { Cells } from './Cells.tsx'
import { type Box, middle, placeGrids } from './layout.ts'
import { useNarrow, usePlay } from './use.ts'

const captions: Readonly<Record<string, string>> = {
  x: 'input',
  w: 'weight',
  m: 'mask, k/q',
  y: 'output',
  dy: 'told from above',
  dx: 'owed',
  dw: 'owed',
}
const arrows: Record<string, (columns: number) => number> = {
  ArrowUp: (columns) => -columns,
  ArrowDown: (columns) => columns,
  ArrowLeft: () => -1,
  ArrowRight: () => 1,
}
const WIDTH = { wide: 640, narrow: 350 } as const

/** Rows and columns of a tensor as it is drawn: everything before the last axis goes down. */
function extentOf({ shape }: Tensor): { rows: number; columns: number } {
  const columns = shape.at(-1)!
  return { rows: shape.reduce((count, extent) => count * extent, 1) / columns, columns }
}

/** A layer as lines from the numbers that take part to the cell that they make. */
export function RoutesStage({ model }: { model: RouteModel }): JSX.Element {
  const which = useSignal(0)
  const at = useSignal(0)
  const narrow = useNarrow()
  const canvas = useRef<SVGSVGElement>(null)
  const tensors = useMemo(() => tensorsOf(model), [model])
  const view = model.views[which.value]
  const cells = useMemo(() => explanationsOf(model, view, tensors), [model, view, tensors])
  const target = extentOf(tensors[view.target])
  const { index, explanation } = cells[at.value]
  const { boxes, height } = placeGrids(
    view.grids.map((name) => extentOf(tensors[name])),
    narrow ? WIDTH.narrow : WIDTH.wide,
    narrow,
  )
  const play = usePlay(() => (at.value + 1 < cells.length ? ((at.value += 1), true) : false))
  const toggle = (): void =>
    play.toggle(at.value + 1 === cells.length ? () => void (at.value = 0) : undefined)
  const routes = routesTo(explanation, index, view.grids)
  const parts = new Map(routes.map((route) => [placeKey(route.from.name, tensors, route.from.index), route]))
  const drag = (event: PointerEvent): void => {
    const point = new DOMPoint(event.clientX, event.clientY)
    const { x, y } = point.matrixTransform(canvas.current!.getScreenCTM()!.inverse())
    const box = boxes[view.grids.indexOf(view.target)]
    const [row, column] = [Math.floor((y - box.y) / box.cell), Math.floor((x - box.x) / box.cell)]
    if (row >= 0 && column >= 0 && row < box.rows && column < box.columns)
      at.value = row * box.columns + column
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = arrows[event.key]?.(target.columns)
    if (step !== undefined) at.value = Math.max(0, Math.min(cells.length - 1, at.value + step))
    else if (event.key === ' ') toggle()
    else return
    event.preventDefault()
  }
  const name = address(view.target, index)
  return (
    <div
      class="widget stage not-content"
      data-widget={`stage-${model.explorer.id}`}
      data-target={view.target}
    >
      <div class="tabs" role="group" aria-label="What to look at">
        {model.views.map(({ title }, i) => (
          <button
            key={title}
            type="button"
            aria-pressed={i === which.value}
            onClick={() => {
              which.value = i
              at.value = 0
            }}
          >
            {title}
          </button>
        ))}
      </div>
      <div
        class="picture-frame"
        tabIndex={0}
        role="application"
        aria-label={`${model.title}, ${view.title}: arrow keys move over ${view.target}, the space bar plays. ${name} is explained below.`}
        onKeyDown={onKeyDown}
      >
        <svg
          ref={canvas}
          viewBox={`0 0 ${narrow ? WIDTH.narrow : WIDTH.wide} ${height}`}
          aria-hidden="true"
          onPointerDown={(event) => {
            play.stop()
            event.currentTarget.setPointerCapture(event.pointerId)
            drag(event)
          }}
          onPointerMove={(event) => event.buttons > 0 && drag(event)}
        >
          {view.grids.map((grid, i) => (
            <Cells
              key={grid}
              name={grid}
              caption={captions[grid] ?? ''}
              box={boxes[i]}
              look={(row, column) => {
                const { data } = tensors[grid]
                const place = row * boxes[i].columns + column
                const route = parts.get(`${grid},${place}`)
                const scale = Math.max(...Array.from(data, Math.abs)) || 1
                return {
                  value: data[place],
                  share: data[place] / scale,
                  chosen: grid === view.target && place === at.value,
                  ...(route === undefined || route.stopped ? {} : { pair: route.term }),
                }
              }}
            />
          ))}
          <Lines
            routes={cells
              .flatMap((one) => routesTo(one.explanation, one.index, view.grids))
              .filter(({ stopped }) => !stopped)}
            boxes={boxes}
            grids={view.grids}
            target={view.target}
            tensors={tensors}
            faint={view.grids.length === 2}
          />
          <Lines routes={routes} boxes={boxes} grids={view.grids} target={view.target} tensors={tensors} />
        </svg>
      </div>
      <div class="controls transport">
        <button type="button" class="primary" onClick={toggle}>
          {play.playing ? 'Pause' : 'Play'}
        </button>
        <input
          type="range"
          min={0}
          max={cells.length - 1}
          value={at.value}
          aria-label="cell"
          aria-valuetext={name}
          onInput={({ currentTarget }) => (at.value = currentTarget.valueAsNumber)}
        />
        <output>{name}</output>
      </div>
      <section class="sheet" aria-live="polite" data-sum={sumOf(explanation)}>
        <p>
          <strong class="symbol">
            {name} = {short(tensors[view.target].data[at.value])}
          </strong>
          . {explanation.rule}
        </p>
        <ol class="products" style={{ '--columns': 3 }}>
          {explanation.terms.map((term, i) => (
            <li key={i} class="pair" style={{ '--pair': i }}>
              <small>
                {term.factors
                  .map((factor) => (factor.index ? address(factor.name, factor.index) : factor.name))
                  .join('·')}
              </small>
              <span>
                {term.factors.map(({ value }) => (value < 0 ? `(${short(value)})` : short(value))).join('·')}{' '}
                = <b>{short(product(term))}</b>
              </span>
            </li>
          ))}
        </ol>
      </section>
      <Take of={canvas} />
    </div>
  )
}

function placeKey(name: string, tensors: Record<string, Tensor>, index: readonly number[]): string {
  return `${name},${flatIndex(tensors[name].shape, index)}`
}

interface LinesProps {
  routes: readonly Route[]
  boxes: readonly Box[]
  grids: readonly string[]
  target: string
  tensors: Record<string, Tensor>
  /** All ways of all cells, in the background; false leaves them out. */
  faint?: boolean
}

function Lines({ routes, boxes, grids, target, tensors, faint }: LinesProps): JSX.Element | null {
  if (faint === false) return null
  const place = (name: string, index: readonly number[]): readonly [number, number] => {
    const box = boxes[grids.indexOf(name)]
    const flat = flatIndex(tensors[name].shape, index)
    return middle(box, Math.floor(flat / box.columns), flat % box.columns)
  }
  return (
    <g class={faint === true ? 'ways faint' : 'ways'}>
      {routes.map(({ from, to, term, stopped }) => {
        const [x0, y0] = place(from.name, from.index)
        const [x1, y1] = place(target, to)
        const bend = (x0 + x1) / 2
        return (
          <path
            key={`${from.name},${from.index.join()},${to.join()}`}
            class={stopped ? 'stopped' : ''}
            d={`M${x0},${y0}C${bend},${y0} ${bend},${y1} ${x1},${y1}`}
            style={{ '--pair': term }}
          />
        )
      })}
    </g>
  )
}
