import type { JSX } from 'preact'
import { short } from './format.ts'

export interface Series {
  readonly name: string
  readonly color: string
  readonly points: readonly (readonly [x: number, y: number])[]
  readonly marks?: boolean
}

export interface ChartProps {
  title: string
  xLabel: string
  series: readonly Series[]
  /** Logarithmic axes. */
  log?: { x?: boolean; y?: boolean }
  /** Limits of y, where they should not follow from the data. */
  y?: readonly [number, number]
  /** A vertical line. */
  cursor?: number
}

const width = 520
const height = 220
// Wide enough for 1e−13 in the larger type of a phone.
const margin = { left: 66, right: 14, top: 10, bottom: 42 }

interface Scale {
  at(value: number): number
  ticks: number[]
}

function scale(
  values: readonly number[],
  from: number,
  to: number,
  log: boolean,
  limits?: readonly [number, number],
): Scale {
  const usable = log ? values.filter((value) => value > 0) : values
  const t = log ? Math.log10 : (value: number) => value
  let [low, high] = (limits ?? [Math.min(...usable), Math.max(...usable)]).map(t) as [number, number]
  if (!Number.isFinite(low)) [low, high] = [0, 1]
  if (low === high) high = low + 1
  if (log) [low, high] = [Math.floor(low), Math.ceil(high)]
  const at = (value: number): number => from + ((t(value) - low) / (high - low)) * (to - from)
  return { at, ticks: log ? powers(low, high) : steps(low, high) }
}

function powers(low: number, high: number): number[] {
  const every = Math.ceil((high - low) / 6)
  return Array.from({ length: Math.floor((high - low) / every) + 1 }, (_, i) => 10 ** (low + i * every))
}

function steps(low: number, high: number): number[] {
  const rough = (high - low) / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!
  const first = Math.ceil(low / step) * step
  return Array.from({ length: Math.floor((high - first) / step) + 1 }, (_, i) => first + i * step)
}

const tick = (value: number, log: boolean): string =>
  log ? `1e${Math.round(Math.log10(value))}`.replace('1e-', '1e−') : short(Number(value.toPrecision(6)))

/** The value at the cursor, or the last one. */
function shownValue(points: Series['points'], cursor: number | undefined): string {
  const point = cursor === undefined ? points.at(-1) : points.find(([x]) => x === cursor)
  return point === undefined ? '' : short(Number(point[1].toPrecision(4)))
}

/** Lines over x, with their values at the cursor, or their last ones, as a legend. */
export function Chart({ title, xLabel, series, log = {}, y: limits, cursor }: ChartProps): JSX.Element {
  const points = series.flatMap((line) => line.points)
  const x = scale(
    points.map(([value]) => value),
    margin.left,
    width - margin.right,
    log.x ?? false,
  )
  const y = scale(
    points.map(([, value]) => value),
    height - margin.bottom,
    margin.top,
    log.y ?? false,
    limits,
  )
  const drawable = ([px, py]: readonly [number, number]): boolean =>
    (!log.x || px > 0) && (!log.y || py > 0) && Number.isFinite(py)
  return (
    <figure class="chart">
      <figcaption>
        {title}
        {series.map(({ name, color, points: own }) => (
          <span key={name} class="legend">
            <i style={{ background: color }} />
            {name} <b>{shownValue(own, cursor)}</b>
          </span>
        ))}
      </figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${title} over ${xLabel}`}>
        {y.ticks.map((value) => (
          <g key={value}>
            <line x1={margin.left} x2={width - margin.right} y1={y.at(value)} y2={y.at(value)} class="rule" />
            <text x={margin.left - 6} y={y.at(value) + 4} text-anchor="end">
              {tick(value, log.y ?? false)}
            </text>
          </g>
        ))}
        {x.ticks.map((value) => (
          <text key={value} x={x.at(value)} y={height - margin.bottom + 18} text-anchor="middle">
            {tick(value, log.x ?? false)}
          </text>
        ))}
        <text x={(margin.left + width) / 2} y={height - 2} text-anchor="middle">
          {xLabel}
        </text>
        {cursor !== undefined && (
          <line
            x1={x.at(cursor)}
            x2={x.at(cursor)}
            y1={margin.top}
            y2={height - margin.bottom}
            class="cursor"
          />
        )}
        {series.map(({ name, color, points: own, marks }) => {
          const shown = own.filter(drawable)
          const path = shown.map(([px, py]) => `${x.at(px).toFixed(1)},${y.at(py).toFixed(1)}`).join(' ')
          return (
            <g key={name} style={{ color }}>
              <polyline points={path} class="line" />
              {marks && shown.map(([px, py]) => <circle key={px} cx={x.at(px)} cy={y.at(py)} r="3" />)}
            </g>
          )
        })}
      </svg>
    </figure>
  )
}
