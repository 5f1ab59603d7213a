import type { JSX } from 'preact'

/** The head of a table: one row of titles. */
export function Head({ titles }: { titles: readonly string[] }): JSX.Element {
  return (
    <thead>
      <tr>
        {titles.map((title) => (
          <th key={title} scope="col">
            {title}
          </th>
        ))}
      </tr>
    </thead>
  )
}
