import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { DataSet } from '../../workers/protocol.ts'
import { RECENT } from '../../workers/recent.ts'
import { Chart } from '../Chart.tsx'
import { Choice } from '../Choice.tsx'
import { short } from '../format.ts'
import { ConfusionTable } from './ConfusionTable.tsx'
import { Filters } from './Filters.tsx'
import { isolate } from './isolate.ts'
import { type Recipe, readRecipe, writeRecipe } from './recipe.ts'
import { session } from './session.ts'

/** Training, in a worker of this page. */
export function Train(): JSX.Element {
  const recipe = useSignal<Recipe>(readRecipe(''))
  useEffect(() => {
    isolate().catch((error: Error) => console.warn(`no threads: ${error.message}`))
    recipe.value = readRecipe(location.search)
    return recipe.subscribe((value) => {
      history.replaceState(
        history.state,
        '',
        `${location.pathname}${writeRecipe(location.search, value)}${location.hash}`,
      )
    })
  }, [recipe])
  return (
    <div class="widget not-content" data-widget="train" data-status={session.status.value}>
      <Form recipe={recipe.value} change={(part) => (recipe.value = { ...recipe.value, ...part })} />
      <Buttons recipe={recipe.value} />
      <Status />
      <Curves />
      <Filters />
      <ConfusionTable />
    </div>
  )
}

function Form({ recipe, change }: { recipe: Recipe; change: (part: Partial<Recipe>) => void }): JSX.Element {
  const number = (
    name: 'epochs' | 'batchSize' | 'lr' | 'seed' | 'threads',
    label: string,
    step: number,
  ): JSX.Element => (
    <label>
      {label}
      <input
        type="number"
        name={name}
        min={name === 'seed' ? 0 : step}
        step={step}
        value={recipe[name]}
        onChange={({ currentTarget }) => change({ [name]: currentTarget.valueAsNumber })}
      />
    </label>
  )
  const choose = (
    name: 'model' | 'optimizer' | 'set',
    label: string,
    choices: Record<string, string>,
  ): JSX.Element => (
    <Choice
      label={label}
      name={name}
      value={recipe[name]}
      choices={choices}
      choose={(value) => change({ [name]: value })}
    />
  )
  return (
    <div class="controls">
      {choose('model', 'network', { seed: 'two convolutions', lenet5: 'LeNet-5', mlp: 'no convolution' })}
      {choose('optimizer', 'optimizer', { sgd: 'SGD', adam: 'Adam' })}
      {choose('set', 'images', {
        subset: 'a subset (ships with the page)',
        full: 'all of MNIST (a larger download)',
      })}
      {number('lr', 'learning rate', 0.001)}
      {number('epochs', 'epochs', 1)}
      {number('batchSize', 'batch', 1)}
      {number('seed', 'seed', 1)}
      {number('threads', 'threads', 1)}
    </div>
  )
}

function Buttons({ recipe: { set, ...options } }: { recipe: Recipe }): JSX.Element {
  const { status } = session
  const active = status.value === 'running' || status.value === 'paused'
  return (
    <div class="controls">
      <button
        type="button"
        class="primary"
        onClick={() => session.send({ type: 'start', set: set as DataSet, options })}
      >
        {status.value === 'idle' ? 'Train' : 'Start again'}
      </button>
      <button
        type="button"
        disabled={!active}
        onClick={() => session.send({ type: status.value === 'paused' ? 'resume' : 'pause' })}
      >
        {status.value === 'paused' ? 'Go on' : 'Pause'}
      </button>
      <button type="button" disabled={!active} onClick={() => session.send({ type: 'step' })}>
        One step
      </button>
    </div>
  )
}

function Status(): JSX.Element {
  const { status, ready, points, phase, done, problem } = session
  const last = points.value.at(-1)
  if (problem.value !== null) return <p role="alert">{problem.value}</p>
  if (status.value === 'idle')
    return <p class="hint">Nothing runs yet. Everything happens in this page, on your machine.</p>
  if (status.value === 'loading' || ready.value === null) return <p role="status">Loading the images…</p>
  if (done.value !== null) {
    const { testAccuracy, testLoss, imagesPerSecond } = done.value
    return (
      <p
        role="status"
        data-result={testAccuracy}
        data-backend={ready.value.backend}
        data-threads={ready.value.threads}
      >
        Done: <strong>{(100 * testAccuracy).toFixed(2)} %</strong> of{' '}
        {ready.value.testImages.toLocaleString('en')} test images that it has never seen, test loss{' '}
        {short(testLoss)}; trained at {Math.round(imagesPerSecond).toLocaleString('en')} images/s with{' '}
        {ready.value.backend} kernels on {ready.value.threads} thread
        {ready.value.threads === 1 ? '' : 's'}.
      </p>
    )
  }
  return (
    <p role="status" aria-live="off">
      Step {last?.step ?? 0} of {ready.value.steps} ({phase.value}),{' '}
      {Math.round(last?.imagesPerSecond ?? 0).toLocaleString('en')} images/s, about{' '}
      {Math.ceil(last?.secondsLeft ?? 0)} s left. Kernels: {ready.value.backend}, threads:{' '}
      {ready.value.threads}.
    </p>
  )
}

function Curves(): JSX.Element | null {
  const points = session.points.value
  if (points.length === 0) return null
  const epochs = session.epochs.value
  return (
    <div class="charts">
      <Chart
        title="Loss"
        xLabel="step"
        y={[0, Math.max(...points.map(({ loss }) => loss))]}
        series={[
          {
            name: `training (last ${RECENT} batches)`,
            color: 'var(--hue-x)',
            points: points.map(({ step, loss }) => [step, loss]),
          },
          {
            name: 'validation',
            color: 'var(--hue-w)',
            points: epochs.map((e) => [e.step, e.validationLoss]),
            marks: true,
          },
        ]}
      />
      <Chart
        title="Accuracy"
        xLabel="step"
        y={[0, 1]}
        series={[
          {
            name: `training (last ${RECENT} batches)`,
            color: 'var(--hue-x)',
            points: points.map((p) => [p.step, p.accuracy]),
          },
          {
            name: 'validation',
            color: 'var(--hue-w)',
            points: epochs.map((e) => [e.step, e.validationAccuracy]),
            marks: true,
          },
        ]}
      />
    </div>
  )
}
