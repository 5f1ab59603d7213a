import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { descend, type Method, type Step, type Surface, surfaces } from '../explorers/descent.ts'
import { Choice } from './Choice.tsx'
import { short } from './format.ts'
import { Head } from './Head.tsx'
import { Picture } from './Picture.tsx'

interface View extends Method {
  surface: string
}

const start: View = { surface: 'valley', optimizer: 'sgd', lr: 0.08, momentum: 0, steps: 40 }
const WIDTH = 520
const HEIGHT = 300
/** Cells of the shading, each way. */
const CELLS = 96
const BANDS = 14

function readView(search: string): View {
  const view: Record<string, string | number> = { ...start }
  for (const [key, text] of new URLSearchParams(search)) {
    if (key === 'surface' && text in surfaces) view.surface = text
    else if (key === 'optimizer' && ['sgd', 'nesterov', 'adam'].includes(text)) view.optimizer = text
    else if (['lr', 'momentum', 'steps'].includes(key) && Number(text) >= 0) view[key] = Number(text)
  }
  return view as unknown as View
}

/** One of the library's optimizers on its way down. */
export function Descent(): JSX.Element {
  const view = useSignal(start)
  useEffect(() => {
    view.value = readView(location.search)
    return view.subscribe((value) => {
      const changed = Object.entries(value).filter(([key, own]) => own !== start[key as keyof View])
      const query = new URLSearchParams(changed.map(([key, own]) => [key, String(own)])).toString()
      history.replaceState(history.state, '', `${location.pathname}${query && `?${query}`}${location.hash}`)
    })
  }, [view])
  const surface = surfaces[view.value.surface]
  const path = descend(surface, view.value)
  const change = (part: Partial<View>): void => {
    view.value = { ...view.value, ...part }
  }
  const last = path.at(-1)!
  return (
    <div class="widget not-content" data-widget="descent">
      <Controls view={view.value} change={change} />
      <Landscape surface={surface} path={path} />
      <p role="status">
        After {path.length - 1} steps: a = {short(last.a)}, b = {short(last.b)}, height{' '}
        <strong>{short(last.f)}</strong>
        {path.length - 1 < view.value.steps && ': it flew away; make the learning rate smaller'}.
      </p>
      <Table path={path} />
    </div>
  )
}

function Controls({ view, change }: { view: View; change: (part: Partial<View>) => void }): JSX.Element {
  const number = (
    name: 'lr' | 'momentum' | 'steps',
    label: string,
    max: number,
    step: number,
    enabled = true,
  ): JSX.Element => (
    <label>
      {label}
      <input
        type="range"
        name={name}
        min={0}
        max={max}
        step={step}
        disabled={!enabled}
        value={view[name]}
        onInput={({ currentTarget }) => change({ [name]: currentTarget.valueAsNumber })}
      />
      <output>{short(view[name])}</output>
    </label>
  )
  return (
    <div class="controls">
      <Choice
        label="surface"
        value={view.surface}
        choices={Object.fromEntries(Object.entries(surfaces).map(([name, { title }]) => [name, title]))}
        choose={(surface) => change({ surface })}
      />
      <Choice
        label="optimizer"
        value={view.optimizer}
        choices={{ sgd: 'SGD', nesterov: 'SGD, Nesterov', adam: 'Adam' }}
        choose={(optimizer) => change({ optimizer })}
      />
      {number('lr', 'learning rate', 0.5, 0.005)}
      {number('momentum', 'momentum', 0.98, 0.02, view.optimizer !== 'adam')}
      {number('steps', 'steps', 200, 1)}
    </div>
  )
}

function Landscape({ surface, path }: { surface: Surface; path: Step[] }): JSX.Element {
  const { f, reach, title } = surface
  const x = (a: number): number => ((a / reach[0] + 1) / 2) * WIDTH
  const y = (b: number): number => ((1 - b / reach[1]) / 2) * HEIGHT
  const shades = useMemo(() => {
    const top = Math.log1p(Math.max(f(-reach[0], -reach[1]), f(reach[0], reach[1])))
    return Array.from({ length: CELLS * CELLS }, (_, i) => {
      const a = ((i % CELLS) + 0.5) / CELLS
      const b = (Math.floor(i / CELLS) + 0.5) / CELLS
      return Math.round((Math.log1p(f((2 * a - 1) * reach[0], (1 - 2 * b) * reach[1])) / top) * BANDS) / BANDS
    })
  }, [f, reach])
  const shown = path.filter(({ a, b }) => Math.abs(a) < 3 * reach[0] && Math.abs(b) < 3 * reach[1])
  return (
    <div class="landscape-frame">
      <Picture data={shades} height={CELLS} width={CELLS} scale={1} label="height of the surface" />
      <svg
        class="landscape"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`The path down ${title}; the table below has its numbers`}
      >
        <polyline points={shown.map(({ a, b }) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(' ')} />
        {shown.map(({ a, b }, i) => (
          <circle key={i} cx={x(a)} cy={y(b)} r={i === 0 ? 5 : 2.5} />
        ))}
      </svg>
    </div>
  )
}

function Table({ path }: { path: Step[] }): JSX.Element {
  return (
    <details>
      <summary>Every step in numbers</summary>
      <div class="scroll numbers" tabIndex={0} role="region" aria-label="Steps of the descent">
        <table class="plain">
          <Head titles={['step', 'a', 'b', 'df/da', 'df/db', 'f']} />
          <tbody>
            {path.map(({ a, b, da, db, f }, i) => (
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
    </details>
  )
}
