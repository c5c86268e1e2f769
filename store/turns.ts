import { rowOf, type Queryable } from './queryable.ts'

/**
 * Whether it is this process's turn to do a work that one process does for all: once in that time, and at once when it
 * was last done with something else (`about`).
 */
export async function takeTurn(
  db: Queryable,
  name: string,
  everySeconds: number,
  about: string | null = null,
): Promise<boolean> {
  const row = await rowOf(
    db,
    `insert into turns as t (name, began_at, about) values ($1, now(), $3)
    on conflict (name) do update set began_at = now(), about = $3
    where t.began_at <= now() - make_interval(secs => $2) or t.about is distinct from $3
    returning name`,
    [name, everySeconds, about],
  )
  return row !== undefined
}

/** It was not finished: the next one who asks has the turn. */
export async function giveTurnBack(db: Queryable, name: string): Promise<void> {
  await db.query('delete from turns where name = $1', [name])
}
