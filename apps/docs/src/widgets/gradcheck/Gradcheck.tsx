import type { GradcheckTensor } from '@handgrad/gradcheck'
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import {
  type CurvePoint,
  checkAt,
  epsilons,
  errorOf,
  judgedError,
  nearest,
  verdictOf,
} from '../../explorers/curve.ts'
import { subjects } from '../../explorers/subjects.ts'
import { Chart } from '../Chart.tsx'
import { Choice } from '../Choice.tsx'
import { short } from '../format.ts'
import { Head } from '../Head.tsx'

const colors = ['var(--hue-x)', 'var(--hue-w)', 'var(--hue-b)', 'var(--hue-y)']
const FIRST = 'cross-entropy'
const START = nearest(1e-6)

/** 1, 0.46, 4.6e−7: two digits are enough for a step. */
const power = (eps: number): string => short(Number(eps.toPrecision(2))).replace('e-', 'e−')

interface View {
  subject: string
  /** Which of the epsilons. */
  at: number
}

function readView(search: string): View {
  const query = new URLSearchParams(search)
  const subject = query.get('check') ?? FIRST
  const eps = Number(query.get('eps') ?? epsilons[START])
  return { subject: subject in subjects ? subject : FIRST, at: eps > 0 ? nearest(eps) : START }
}

/** Analytic against numeric gradients at every ε: the V, and the numbers at one of them. */
export function Gradcheck(): JSX.Element {
  const view = useSignal<View>({ subject: FIRST, at: START })
  useEffect(() => {
    view.value = readView(location.search)
    return view.subscribe(({ subject, at }) => {
      const query = new URLSearchParams(location.search)
      query.set('check', subject)
      query.set('eps', epsilons[at].toExponential(1))
      if (subject === FIRST && at === START) for (const key of ['check', 'eps']) query.delete(key)
      const text = query.toString()
      history.replaceState(history.state, '', `${location.pathname}${text && `?${text}`}${location.hash}`)
    })
  }, [view])
  const { subject, at } = view.value
  const curve = useMemo(() => epsilons.map((eps) => checkAt(subjects[subject], eps)), [subject])
  const point = curve[at]
  return (
    <div class="widget not-content" data-widget="gradcheck" data-passed={point.report.passed}>
      <div class="controls">
        <Choice
          label="layer"
          name="subject"
          value={subject}
          choices={Object.fromEntries(Object.entries(subjects).map(([name, { title }]) => [name, title]))}
          choose={(to) => (view.value = { subject: to, at })}
        />
        <label>
          ε
          <input
            type="range"
            name="eps"
            min={0}
            max={epsilons.length - 1}
            value={at}
            aria-valuetext={power(point.eps)}
            onInput={({ currentTarget }) => (view.value = { subject, at: currentTarget.valueAsNumber })}
          />
          <output>{power(point.eps)}</output>
        </label>
      </div>
      <Curve curve={curve} eps={point.eps} />
      <Found point={point} page={subjects[subject].page} />
    </div>
  )
}

function Curve({ curve, eps }: { curve: readonly CurvePoint[]; eps: number }): JSX.Element {
  const all = curve[0].report.tensors.map(({ name }, i) => ({
    name: `d${name}`,
    color: colors[i % colors.length],
    points: curve.map((point) => [point.eps, errorOf(point.raw, name)] as const),
    marks: true,
  }))
  const kinks = curve.some(({ report }) => report.skipped > 0)
  const judged = {
    name: 'kinks skipped',
    color: 'var(--hue-other)',
    points: curve.map((point) => [point.eps, judgedError(point)] as const),
  }
  return (
    <Chart
      title="Largest difference between bwd() and finite differences"
      xLabel="ε"
      log={{ x: true, y: true }}
      cursor={eps}
      series={kinks ? [...all, judged] : all}
    />
  )
}

function Found({ point: { report }, page }: { point: CurvePoint; page: string }): JSX.Element {
  return (
    <>
      <p role="status">{verdictOf(report)}</p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Worst coordinates">
        <table class="plain">
          <Head
            titles={['gradient', 'shape', 'skipped', 'failed', 'worst at', 'bwd()', 'differences', 'apart']}
          />
          <tbody>
            {report.tensors.map((found) => (
              <Row key={found.name} found={found} page={page} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

function Row({
  found: { name, shape, skipped, failed, worst },
  page,
}: {
  found: GradcheckTensor
  page: string
}): JSX.Element {
  return (
    <tr>
      <th scope="row">
        <a href={`${import.meta.env.BASE_URL}${page}`}>d{name}</a>
      </th>
      <td>[{shape.join(', ')}]</td>
      <td>{skipped}</td>
      <td>{failed}</td>
      {worst === null ? (
        <td colSpan={4}>every coordinate is a kink</td>
      ) : (
        <>
          <td>[{worst.index.join(',')}]</td>
          <td>{worst.analytic.toPrecision(8)}</td>
          <td>{worst.numeric.toPrecision(8)}</td>
          <td>{short(Math.abs(worst.analytic - worst.numeric))}</td>
        </>
      )}
    </tr>
  )
}
