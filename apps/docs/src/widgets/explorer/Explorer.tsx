import { useComputed } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import type { Explorer as Model } from '../../explorers/explorer.ts'
import { originOf } from '../../explorers/origin.ts'
import { readView, writeView } from './address.ts'
import { Grid } from './Grid.tsx'
import { Panel } from './Panel.tsx'
import { createState, type State } from './state.ts'

const labels: Record<string, string> = {
  x: 'input',
  w: 'weight',
  b: 'bias',
  m: 'mask, k/q',
  y: 'output',
  dy: 'upstream gradient',
  dx: 'gradient of the input',
  dw: 'gradient of the weight',
  db: 'gradient of the bias',
}
const forward = new Set(['x', 'w', 'b', 'm', 'y'])

/** A layer with numbers to change: its outputs and gradients are what the library computes, here and now. */
export function Explorer({ model }: { model: Model }): JSX.Element {
  const state = useMemo(
    () => createState(model, { options: {}, edited: {}, pick: null, from: null }),
    [model],
  )
  useEffect(() => {
    state.view.value = readView(location.search, model.id, model.options)
    return state.view.subscribe((view) => {
      const query = writeView(location.search, model.id, view)
      history.replaceState(history.state, '', `${location.pathname}${query && `?${query}`}${location.hash}`)
    })
  }, [state, model])
  const { problem, tensors } = state.result.value
  const names = Object.keys(tensors)
  return (
    <div class="explorer not-content" data-explorer={model.id} id="explorer">
      <Options model={model} state={state} />
      {problem !== null && <p role="alert">{problem}</p>}
      <Row title="forward" names={names.filter((name) => forward.has(name))} state={state} />
      <Row title="backward" names={names.filter((name) => !forward.has(name))} state={state} />
      <div class="panel" aria-live="polite">
        <Origin model={model} state={state} />
        <Panel state={state} />
      </div>
    </div>
  )
}

/** What the numbers have to do with a network's, when they are one's. */
function Origin({ model, state }: { model: Model; state: State }): JSX.Element | null {
  const { pick, from } = state.view.value
  if (pick === null || from === null) return null
  return <p data-origin={from.value}>{originOf(model, pick.name, from)}</p>
}

function Options({ model, state }: { model: Model; state: State }): JSX.Element {
  return (
    <div class="options">
      {Object.entries(model.options).map(([name, { label, min, max }]) => (
        <label key={name}>
          {label}
          <input
            type="number"
            name={name}
            min={min}
            max={max}
            value={state.options.value[name]}
            onInput={({ currentTarget }) => state.setOption(name, currentTarget.valueAsNumber)}
            onBlur={({ currentTarget }) => (currentTarget.value = String(state.options.value[name]))}
          />
        </label>
      ))}
      <button type="button" onClick={() => state.reset()}>
        Reset
      </button>
    </div>
  )
}

function Row({ title, names, state }: { title: string; names: string[]; state: State }): JSX.Element {
  const tensors = state.result.value.tensors
  const parts = useComputed(() => {
    const factors = state.explanation.value?.terms.flatMap((term) => term.factors) ?? []
    return Map.groupBy(
      factors.filter(({ index }) => index !== undefined),
      ({ name }) => name,
    )
  }).value
  const { pick } = state.view.value
  const captioned = names.some((name) => tensors[name]!.shape.length > 2)
  return (
    <div class="row" role="group" aria-label={title}>
      {names.map((name) => (
        <Grid
          key={name}
          name={name}
          label={labels[name] ?? ''}
          tensor={tensors[name]!}
          editable={name in state.inputs.value}
          captioned={captioned}
          picked={pick?.name === name ? pick.index : null}
          parts={new Set(parts.get(name)?.map(({ index }) => index!.join()))}
          onPick={(index) => state.pick(name, index)}
          onChange={(index, value) => {
            state.pick(name, index)
            state.setCell(name, index, value)
          }}
        />
      ))}
    </div>
  )
}
