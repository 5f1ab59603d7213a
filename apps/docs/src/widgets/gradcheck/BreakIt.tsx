import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { Chart } from '../Chart.tsx'
import { startTrial, type Trial } from './lab.ts'

/** A mistake to switch on. */
export interface Mistake {
  readonly slug: string
  /** The slug of the right program. */
  readonly folder: string
  readonly title: string
  readonly name: string
  /** Where the mistake is, and the line before and after. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

const views: Readonly<Record<string, string>> = {
  golden: 'PyTorch’s recorded values',
  equations: 'the derivation, evaluated',
  differences: 'finite differences',
  adjoint: 'the adjoint test',
  state: 'state: inputs unchanged, bwd() twice is twice',
  error: 'refusals and their messages',
}

/** Puts a known mistake into the library, and shows who notices, while it trains. */
export function BreakIt({ mistakes }: { mistakes: readonly Mistake[] }): JSX.Element {
  const slug = useSignal(mistakes[0].slug)
  const broken = useSignal<Trial | null>(null)
  const right = useSignal<Trial | null>(null)
  useEffect(() => {
    const asked = new URLSearchParams(location.search).get('break')
    if (mistakes.some((mistake) => mistake.slug === asked)) slug.value = asked!
  }, [mistakes, slug])
  const mistake = mistakes.find((one) => one.slug === slug.value)!
  const choose = (to: string): void => {
    slug.value = to
    const query = new URLSearchParams(location.search)
    query.set('break', to)
    history.replaceState(history.state, '', `${location.pathname}?${query.toString()}${location.hash}`)
  }
  const start = (): void => {
    broken.value?.stop()
    right.value?.stop()
    broken.value = startTrial(mistake.slug, ['check', 'train'])
    right.value = startTrial(mistake.folder, ['train'])
  }
  return (
    <div class="widget not-content" data-widget="break-it">
      <div class="controls">
        <label>
          mistake
          <select
            name="mistake"
            value={slug.value}
            onChange={({ currentTarget }) => choose(currentTarget.value)}
          >
            {[...Map.groupBy(mistakes, ({ title }) => title)].map(([title, own]) => (
              <optgroup key={title} label={title}>
                {own.map((one) => (
                  <option key={one.slug} value={one.slug}>
                    {one.name}
                  </option>
                ))}
              </optgroup>
            ))}
          </select>
        </label>
        <button type="button" class="primary" onClick={start}>
          Break it
        </button>
      </div>
      <Patch mistake={mistake} />
      {broken.value !== null && <Verdict trial={broken.value} />}
      {broken.value !== null && right.value !== null && (
        <Training broken={broken.value} right={right.value} />
      )}
    </div>
  )
}

function Patch({ mistake: { file, find, replace } }: { mistake: Mistake }): JSX.Element {
  return (
    <div class="patch">
      <code>{file}</code>
      <pre>
        <del>{find}</del>
        {'\n'}
        <ins>{replace}</ins>
      </pre>
    </div>
  )
}

function Verdict({ trial }: { trial: Trial }): JSX.Element {
  const { looked, cases } = trial.looked.value
  const notices = trial.notices.value
  const done = trial.ended.value.includes('check')
  return (
    <section data-caught={notices.map(({ view }) => view).join(' ')} data-done={done}>
      <p role="status">
        {looked} of {cases || '…'} cases proved{done ? '' : ' so far'}:{' '}
        {notices.length === 0 ? 'nobody has noticed' : 'caught'}.
      </p>
      {trial.problem.value !== null && <p role="alert">{trial.problem.value}</p>}
      <div class="scroll" tabIndex={0} role="region" aria-label="Who notices">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">view</th>
              <th scope="col">notices first at</th>
              <th scope="col">and says</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(views).map(([view, label]) => {
              const notice = notices.find((one) => one.view === view)
              return (
                <tr key={view}>
                  <th scope="row">{label}</th>
                  <td>{notice === undefined ? '–' : notice.at}</td>
                  <td class="message">{notice?.message.split('\n')[0].slice(0, 200)}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Training({ broken, right }: { broken: Trial; right: Trial }): JSX.Element {
  const percent = ({ accuracy }: Trial): string =>
    accuracy.value === null ? '…' : `${(100 * accuracy.value).toFixed(1)} %`
  return (
    <section>
      <Chart
        title="Mean training loss so far"
        xLabel="step"
        series={[
          { name: 'right', color: 'var(--hue-b)', points: right.curve.value },
          { name: 'broken', color: 'var(--hue-other)', points: broken.curve.value },
        ]}
      />
      <p>
        Right answers during these steps: {percent(right)} with the right code, {percent(broken)} with the
        mistake.
      </p>
    </section>
  )
}
