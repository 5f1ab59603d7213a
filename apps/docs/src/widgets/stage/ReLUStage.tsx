import { ReLU } from '@handgrad/layers'
import { tensor } from '@handgrad/tensor'
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { pass } from '../../explorers/pass.ts'
import { range, short } from '../format.ts'
import { Take } from '../Take.tsx'

const WIDTH = 640
const HEIGHT = 300
const REACH = 4
const POINTS = range(81).map((i) => (i - 40) / 10)
const [UNIT, FLOOR] = [WIDTH / (2 * REACH), HEIGHT - 50]
const atX = (x: number): number => WIDTH / 2 + x * UNIT
const atY = (y: number): number => FLOOR - y * 55

/** What the library's layer gives for some inputs, and for gradients of their outputs. */
function through(x: readonly number[], dy: readonly number[]): { y: number[]; dx: number[] } {
  const { y, dx } = pass(new ReLU(), tensor(Float64Array.from(x)), tensor(Float64Array.from(dy)))
  return { y: Array.from(y.data), dx: Array.from(dx.data) }
}

/** The graph of ReLU with its slope at a point that one drags. */
export function ReLUStage(): JSX.Element {
  const x = useSignal(1.5)
  const dy = useSignal(2)
  const canvas = useRef<SVGSVGElement>(null)
  const set = (to: number): void =>
    void (x.value = Math.max(-REACH, Math.min(REACH, Math.round(to * 10) / 10)))
  const { y: curve } = through(POINTS, POINTS)
  const {
    y: [y],
    dx: [dx],
  } = through([x.value], [dy.value])
  const {
    dx: [slope],
  } = through([x.value], [1])
  const drag = (event: PointerEvent): void => {
    const point = new DOMPoint(event.clientX, event.clientY)
    set((point.matrixTransform(canvas.current!.getScreenCTM()!.inverse()).x - WIDTH / 2) / UNIT)
  }
  const corner = x.value === 0
  return (
    <div class="widget stage not-content" data-widget="stage-relu">
      <div
        class="picture-frame"
        tabIndex={0}
        role="application"
        aria-label="The graph of ReLU: the left and right arrow keys move x. The numbers are below."
        onKeyDown={(event) => {
          const step = { ArrowLeft: -0.1, ArrowRight: 0.1 }[event.key]
          if (step === undefined) return
          event.preventDefault()
          set(x.value + step)
        }}
      >
        <svg
          ref={canvas}
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          aria-hidden="true"
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId)
            drag(event)
          }}
          onPointerMove={(event) => event.buttons > 0 && drag(event)}
        >
          <path class="axis" d={`M0,${FLOOR}H${WIDTH}M${WIDTH / 2},10V${HEIGHT}`} />
          {range(2 * REACH + 1).map((i) => (
            <text key={i} class="name" x={atX(i - REACH)} y={FLOOR + 16} text-anchor="middle">
              {short(i - REACH)}
            </text>
          ))}
          <polyline class="graph" points={POINTS.map((at, i) => `${atX(at)},${atY(curve[i])}`).join(' ')} />
          <line
            class={corner ? 'slope corner' : 'slope'}
            data-slope={slope}
            x1={atX(x.value - 1)}
            y1={atY(y - slope)}
            x2={atX(x.value + 1)}
            y2={atY(y + slope)}
          />
          <path class="drop" d={`M${atX(x.value)},${FLOOR}V${atY(y)}`} />
          <circle class="grip" cx={atX(x.value)} cy={atY(y)} r="9" />
        </svg>
      </div>
      <div class="controls transport">
        <label>
          x
          <input
            type="range"
            name="x"
            min={-REACH}
            max={REACH}
            step={0.1}
            value={x.value}
            onInput={({ currentTarget }) => set(currentTarget.valueAsNumber)}
          />
          <output>{short(x.value)}</output>
        </label>
        <label>
          dy
          <input
            type="range"
            name="dy"
            min={-3}
            max={3}
            step={0.5}
            value={dy.value}
            onInput={({ currentTarget }) => (dy.value = currentTarget.valueAsNumber)}
          />
          <output>{short(dy.value)}</output>
        </label>
      </div>
      <p role="status" class="sheet" data-dx={dx}>
        <strong class="symbol">y = {short(y)}</strong>, slope <strong class="symbol">{short(slope)}</strong>,
        so{' '}
        <strong class="symbol">
          dx = {short(dy.value)}·{short(slope)} = {short(dx)}
        </strong>
        .{' '}
        {corner
          ? 'At 0 there is a corner and no slope; the layer says 0.'
          : x.value > 0
            ? 'Above 0 the gradient passes as it is.'
            : 'Below 0 nothing passes.'}
      </p>
      <Take of={canvas} />
    </div>
  )
}
