/** A kind of branch: a function f of numbers, what takes all of it, and calls that miss something. */
export interface Kind {
  name: string
  /** The body of f(a, b), in both languages unless it says so. */
  body: string
  only?: 'typescript'
  all: [a: number, b: number][]
  misses: { calls: [a: number, b: number][]; faults: string[] }[]
}

export const kinds: readonly Kind[] = [
  {
    name: 'if',
    body: 'let s = 1\n  if (a > 1) s = 2\n  return s + b',
    all: [
      [1, 0],
      [2, 0],
    ],
    misses: [
      { calls: [[1, 0]], faults: ['2  a > 1  never true'] },
      { calls: [[2, 0]], faults: ['2  a > 1  never false'] },
    ],
  },
  {
    name: 'else if',
    body: 'let s = 1\n  if (a > 1) s = 2\n  else if (b > 1) s = 3\n  else s = 4\n  return s',
    all: [
      [1, 0],
      [1, 2],
      [2, 0],
    ],
    misses: [
      { calls: [[2, 0]], faults: ['2  a > 1  never false', '3  b > 1  never true', '3  b > 1  never false'] },
    ],
  },
  {
    name: '?:',
    body: 'const s = a > 1 ? b : 7\n  return s',
    all: [
      [1, 5],
      [2, 5],
    ],
    misses: [{ calls: [[2, 5]], faults: ['1  a > 1  never false'] }],
  },
  {
    name: '&&',
    body: 'if (a > 1 && b > 1) return 1\n  return 2',
    all: [
      [1, 1],
      [2, 1],
      [2, 2],
    ],
    misses: [
      {
        calls: [
          [2, 1],
          [2, 2],
        ],
        faults: ['1  a > 1  never false'],
      },
      {
        calls: [
          [1, 2],
          [2, 2],
        ],
        faults: ['1  b > 1  never false'],
      },
      { calls: [[1, 1]], faults: ['1  a > 1  never true', '1  b > 1  never true', '1  b > 1  never false'] },
    ],
  },
  {
    name: '||',
    body: 'return a > 1 || !(b > 1) ? 1 : 2',
    all: [
      [2, 1],
      [1, 1],
      [1, 2],
    ],
    misses: [
      { calls: [[2, 2]], faults: ['1  a > 1  never false', '1  b > 1  never true', '1  b > 1  never false'] },
    ],
  },
  {
    name: 'for, from where something else ended',
    body: 'let s = 0, i = b\n  for (; i < a; i++) s += i\n  return s',
    all: [
      [0, 0],
      [1, 0],
      [3, 0],
    ],
    misses: [
      {
        calls: [[3, 0]],
        faults: ['2  for (; i < a; i++)  never 0 turns', '2  for (; i < a; i++)  never 1 turn'],
      },
      {
        calls: [
          [0, 0],
          [1, 0],
        ],
        faults: ['2  for (; i < a; i++)  never 2 or more turns'],
      },
    ],
  },
  {
    name: 'for, over an extent',
    body: 'let s = 0\n  for (let i = 0; i < a; i++) {\n    if (i == b) continue\n    s += i\n  }\n  return s',
    all: [
      [1, 0],
      [3, 1],
    ],
    misses: [
      {
        calls: [
          [0, 0],
          [1, 0],
          [3, 1],
        ],
        faults: [
          '2  for (let i = 0; i < a; i++)  0 turns, which was said to be impossible: a loop over something that is at least 1 steps long',
        ],
      },
      { calls: [[2, 1]], faults: ['2  for (let i = 0; i < a; i++)  never 1 turn'] },
    ],
  },
  {
    name: 'for, as often whatever comes',
    body: 'let s = 0\n  for (let i = 0; i < 3; i++) s += a\n  return s + b',
    all: [[1, 0]],
    misses: [],
  },
  {
    name: 'for, up to a pointer',
    body: 'let s = 0, p1 = b + a * 2\n  for (const end = p1; b < end; b += 2, p1++) s += b\n  return s + p1',
    all: [
      [1, 0],
      [3, 1],
    ],
    misses: [
      {
        calls: [[1, 0]],
        faults: ['2  for (const end = p1; b < end; b += 2, p1++)  never 2 or more turns'],
      },
    ],
  },
  {
    name: 'for, over a variable that may have become 0',
    body: 'let s = 0, n = a\n  n -= 1\n  for (let i = 0; i < n; i++) s += b\n  return s',
    all: [
      [1, 1],
      [2, 1],
      [5, 1],
    ],
    misses: [
      {
        calls: [
          [5, 1],
          [2, 1],
        ],
        faults: ['3  for (let i = 0; i < n; i++)  never 0 turns'],
      },
    ],
  },
  {
    name: 'for, over what a mask leaves',
    body: 'let s = 0\n  const wide = a & ~1\n  for (let i = 0; i < wide; i += 2) s += b\n  return s',
    all: [
      [1, 1],
      [2, 1],
      [5, 1],
    ],
    misses: [
      {
        calls: [[5, 1]],
        faults: [
          '3  for (let i = 0; i < wide; i += 2)  never 0 turns',
          '3  for (let i = 0; i < wide; i += 2)  never 1 turn',
        ],
      },
    ],
  },
  {
    name: 'for in for in if, without braces',
    body: 'let s = 0\n  if (b > 0) for (let i = 0; i < b; i++) for (let j = 0; j < a; j++) s += j\n  else s = 9\n  return s',
    all: [
      [1, 0],
      [1, 1],
      [2, 2],
    ],
    misses: [
      {
        calls: [
          [1, 0],
          [2, 2],
        ],
        faults: [
          '2  for (let i = 0; i < b; i++)  never 1 turn',
          '2  for (let j = 0; j < a; j++)  never 1 turn',
        ],
      },
    ],
  },
  {
    name: 'while',
    body: 'let s = a\n  while (s > b) s -= 2\n  return s',
    all: [
      [0, 0],
      [1, 0],
      [5, 0],
    ],
    misses: [
      { calls: [[5, 0]], faults: ['2  while (s > b)  never 0 turns', '2  while (s > b)  never 1 turn'] },
    ],
  },
  {
    name: 'an outcome that a comment calls impossible',
    body: 'let s = 1\n  // never false: a is large\n  if (a > 1) s = 2\n  return s + b',
    all: [[2, 0]],
    misses: [
      {
        calls: [
          [1, 0],
          [2, 0],
        ],
        faults: ['3  a > 1  false, which was said to be impossible: a is large'],
      },
    ],
  },
  {
    name: '??',
    only: 'typescript',
    body: 'const s = a > 1 ? null : a\n  return s ?? b',
    all: [
      [1, 5],
      [2, 5],
    ],
    misses: [{ calls: [[2, 5]], faults: ['1  a > 1  never false', '2  s  never a value'] }],
  },
  {
    name: '?.',
    only: 'typescript',
    body: 'const o = a > 1 ? { v: b, f() { return this.v } } : undefined\n  const s = o?.v === 5 ? 1 : 2\n  o?.f?.()\n  return s',
    all: [
      [1, 5],
      [2, 5],
    ],
    misses: [
      {
        calls: [
          [2, 5],
          [2, 6],
        ],
        faults: [
          '1  a > 1  never false',
          '2  o?.v  never null or undefined',
          '3  o?.f?.()  never null or undefined',
          '3  o?.f  never null or undefined',
        ],
      },
    ],
  },
  {
    name: 'for of, left by a return',
    only: 'typescript',
    body: 'for (const x of [a, b].slice(a)) if (x > 1) return x\n  return 0',
    all: [
      [2, 0],
      [1, 2],
      [0, 0],
    ],
    misses: [
      {
        calls: [[1, 2]],
        faults: [
          '1  for (const x of [a, b].slice(a))  never 0 turns',
          '1  for (const x of [a, b].slice(a))  never 2 or more turns',
          '1  x > 1  never false',
        ],
      },
    ],
  },
  {
    name: 'what is refused',
    only: 'typescript',
    body: "const o = a > 0 ? { b } : null\n  if (a > 100 || (o?.b ?? 0) > 100) throw new RangeError('too large')\n  return a",
    all: [
      [1, 0],
      [0, 0],
    ],
    misses: [],
  },
]
