import type { JSX } from 'preact'

interface Props<Value extends string> {
  label: string
  name?: string
  value: Value
  /** What is shown for each value. */
  choices: Readonly<Record<Value, string>>
  choose: (value: Value) => void
}

/** A list to choose one value from, with its label. */
export function Choice<Value extends string>({
  label,
  choices,
  choose,
  ...select
}: Props<Value>): JSX.Element {
  return (
    <label>
      {label}
      <select {...select} onChange={({ currentTarget }) => choose(currentTarget.value as Value)}>
        {Object.entries<string>(choices).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}
