import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Look, Stage } from '../../workers/protocol.ts'
import { short } from '../format.ts'
import { session } from './session.ts'
import { TensorView } from './Tensor.tsx'

const pages: Record<string, string> = {
  Conv2d: 'layers/conv2d/',
  ReLU: 'layers/relu/',
  MaxPool2d: 'layers/max-pool2d/',
  Flatten: 'layers/flatten/',
  Linear: 'layers/linear/',
  Dropout: 'layers/dropout/',
}

/** One image through the network, a layer at a time: forward, and then its gradient backward. */
export function Walk(): JSX.Element {
  const look = useSignal<Look | null>(null)
  const index = useSignal(0)
  const at = useSignal(0)
  const load = async (): Promise<void> => {
    look.value = await session.look({ index: index.value })
    at.value = 0
  }
  const ready = session.ready.value
  return (
    <div class="widget not-content" data-widget="walk">
      <div class="controls">
        <label>
          training image
          <input
            type="number"
            min={0}
            max={(ready?.images ?? 1) - 1}
            value={index.value}
            onInput={({ currentTarget }) =>
              (index.value = Math.max(
                0,
                Math.min((ready?.images ?? 1) - 1, currentTarget.valueAsNumber || 0),
              ))
            }
          />
        </label>
        <button type="button" class="primary" disabled={ready === null} onClick={load}>
          Pass it through
        </button>
        {ready === null && <span class="hint">Start a run above first: the network lives there.</span>}
      </div>
      {look.value !== null && <Steps look={look.value} at={at.value} go={(to) => (at.value = to)} />}
    </div>
  )
}

function Steps({ look, at, go }: { look: Look; at: number; go: (to: number) => void }): JSX.Element {
  const count = look.stages.length
  const last = 2 * count - 1
  const backward = at >= count
  const position = backward ? 2 * count - 1 - at : at
  return (
    <>
      <div class="controls">
        <button type="button" disabled={at === 0} onClick={() => go(at - 1)}>
          ← Back
        </button>
        <input
          type="range"
          min={0}
          max={last}
          value={at}
          aria-label="stage of the pass"
          aria-valuetext={`${backward ? 'backward' : 'forward'}, ${look.stages[position].name}`}
          onInput={({ currentTarget }) => go(currentTarget.valueAsNumber)}
        />
        <button type="button" class="primary" disabled={at === last} onClick={() => go(at + 1)}>
          Next →
        </button>
      </div>
      {backward ? <Backward look={look} position={position} /> : <Forward look={look} position={position} />}
    </>
  )
}

function name({ name: text, kind }: Stage): JSX.Element {
  const page = pages[kind]
  return page === undefined ? (
    <strong>{text}</strong>
  ) : (
    <a href={`${import.meta.env.BASE_URL}${page}`}>{text}</a>
  )
}

function Forward({ look, position }: { look: Look; position: number }): JSX.Element {
  const stage = look.stages[position]
  const end = position === look.stages.length - 1
  return (
    <div aria-live="polite">
      <p>
        <b>Forward</b>, {position === 0 ? 'the image, normalised' : <>out of {name(stage)}</>}.
        {end && look.loss !== null && (
          <>
            {' '}
            Its largest logit says <strong>{look.predicted}</strong>, the label says{' '}
            <strong>{look.label}</strong>; the loss is {short(look.loss)}.
          </>
        )}
      </p>
      <TensorView title={position === 0 ? 'x' : 'y'} tensor={stage.value} />
    </div>
  )
}

function Backward({ look, position }: { look: Look; position: number }): JSX.Element {
  const stage = look.stages[position]
  const next = look.stages[position + 1]
  return (
    <div aria-live="polite">
      <p>
        <b>Backward</b>,{' '}
        {next === undefined ? (
          <>out of the loss: softmax minus one-hot</>
        ) : (
          <>
            through {name(next)}: the gradient of what went into it
            {next.parameters.length > 0 && ', and of its parameters'}
          </>
        )}
        .
      </p>
      <TensorView title={next === undefined ? 'dL/d logits' : 'dx'} tensor={stage.gradient} />
      {next?.parameters.map((parameter) => (
        <TensorView key={parameter.name} title={`d${parameter.name}`} tensor={parameter.gradient} />
      ))}
    </div>
  )
}
